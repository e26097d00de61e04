variable "s" {
  default   = "secret"
  sensitive = true
}
resource "terraform_data" "a" {
  input = { k = var.s, plain = "p" }
}
output "o" {
  value     = terraform_data.a.input
  sensitive = true
}
output "bad" { value = nonsensitive(var.s) }
