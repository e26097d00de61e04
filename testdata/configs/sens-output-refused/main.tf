variable "s" { 
  default = "geheim"
  sensitive = true
}
output "n" { value = var.s }
