variable "name" {
  default = "x"
}

resource "terraform_data" "a" {
  input = var.name
}

resource "terraform_data" "b" {
  input = terraform_data.a.output
}

output "a" {
  value = terraform_data.a.id
}

output "b" {
  value = terraform_data.b.id
}
