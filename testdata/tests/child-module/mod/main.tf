variable "name" {
  type = string
}

resource "terraform_data" "in" {
  input = { name = "${var.name}-made" }
}

output "bucket" {
  value = terraform_data.in.output
}

output "where" {
  value = path.module
}
