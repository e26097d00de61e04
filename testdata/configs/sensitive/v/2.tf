variable "s" {
  default   = "secret"
  sensitive = true
}
output "o" { value = var.s }
