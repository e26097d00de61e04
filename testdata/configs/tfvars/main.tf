variable "a" {}
variable "b" { default = "b" }
variable "c" { type = list(number) }
output "all" { value = [var.a, var.b, var.c] }
