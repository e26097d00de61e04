variable "x" { default = 0 }
output "x" { value = var.x }
