variable "m" {
  default = { a = 1, b = null }
}
resource "terraform_data" "a" {
  for_each = { for k, v in var.m : k => v if v != null }
  input    = each.value
}
resource "terraform_data" "n" {
  for_each = null
}
