variable "s" { 
  default = "geheim"
  sensitive = true
}
variable "t" { default = "1" }
resource "terraform_data" "a" { 
  input = { a = var.s, b = var.t }
}
output "b" { 
  value = terraform_data.a.output 
  sensitive = true
}
output "n" { value = nonsensitive(terraform_data.a.input.a) }
