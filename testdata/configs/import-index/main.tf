import {
  to = terraform_data.a[1]
  id = "one"
}
resource "terraform_data" "a" { 
  count = 2 
}
