import {
  for_each = { x = "id-x", y = "id-y" }
  to = terraform_data.a[each.key]
  id = each.value
}
resource "terraform_data" "a" {
  for_each = toset(["x", "y", "z"])
  input = each.key
}
