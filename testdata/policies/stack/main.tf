variable "token" {
  default   = "t0k3n"
  sensitive = true
}

variable "size" {
  type    = number
  default = 1
}

resource "terraform_data" "store" {
  input = { owner = "data", token = var.token }
}

resource "terraform_data" "worker" {
  count            = 2
  input            = { owner = "ml", store = terraform_data.store.id, size = var.size }
  triggers_replace = { size = var.size }
}

resource "terraform_data" "orphan" {
  input = { size = var.size }
}

module "child" {
  source = "./child"
  owner  = "child"
}

output "store" {
  value = terraform_data.store.id
}
