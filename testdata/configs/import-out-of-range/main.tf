import {
  to = terraform_data.a[3]
  id = "one"
}
resource "terraform_data" "a" { 
  count = 2 
}
