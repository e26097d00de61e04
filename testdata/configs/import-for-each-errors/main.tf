import {
  for_each = { x = "id-x" }
  to = terraform_data.a
  id = each.value
}
resource "terraform_data" "a" { }
