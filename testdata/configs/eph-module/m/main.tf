variable "e" {
  type = string
  ephemeral = true
}
output "e" { 
  value = var.e 
  ephemeral = true
}
output "known" { value = "k" }
