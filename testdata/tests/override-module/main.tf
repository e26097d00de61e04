variable "name" {
  default = "x"
}

module "m" {
  source = "./mod"
  v      = var.name
}

output "m" {
  value = module.m
}
