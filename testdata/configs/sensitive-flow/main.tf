variable "s" {
  sensitive = true
  default   = "hush"
}
resource "terraform_data" "a" { input = { s = var.s, t = "x" } }
output "a" {
  sensitive = true
  value     = { len = length(var.s), up = upper(var.s), obj = { k = var.s, l = 1 }, list = [var.s, "x"] }
}
output "b" { value = nonsensitive(length(var.s)) }
output "c" { value = issensitive(var.s) }
output "d" { value = issensitive([var.s]) }
output "e" {
  sensitive = true
  value     = { for k in ["a"] : k => var.s }
}
output "f" { value = terraform_data.a.output.t }
output "g" {
  sensitive = true
  value     = terraform_data.a
}
output "h" {
  sensitive = true
  value     = "x-${var.s}"
}
output "i" {
  sensitive = true
  value     = var.s == "hush" ? "yes" : "no"
}
