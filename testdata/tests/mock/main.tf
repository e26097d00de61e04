variable "name" { default = "x" }
resource "terraform_data" "a" {
  input            = var.name
  triggers_replace = var.name
}
data "terraform_remote_state" "r" {
  count   = var.name == "remote" ? 1 : 0
  backend = "local"
  config  = { path = "nothing.tfstate" }
}
module "m" {
  source = "./mod"
  v      = var.name
}
output "name" { value = terraform_data.a.output }
output "id" { value = terraform_data.a.id }
output "remote" { value = try(data.terraform_remote_state.r[0].outputs, null) }
output "m" { value = module.m.o }
