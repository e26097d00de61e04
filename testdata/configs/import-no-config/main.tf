import {
  to = terraform_data.a
  id = "one"
}
