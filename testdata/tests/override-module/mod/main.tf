variable "v" {}

resource "terraform_data" "in" {
  input = var.v
}

module "deeper" {
  source = "./deeper"
}

output "o" {
  value = terraform_data.in.output
}

output "p" {
  value = module.deeper.q
}
