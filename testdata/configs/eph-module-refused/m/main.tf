variable "e" {}
output "x" { value = var.e }
