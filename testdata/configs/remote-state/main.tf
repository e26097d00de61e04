data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = "other.tfstate" }
}
resource "terraform_data" "a" { input = data.terraform_remote_state.d.outputs.name }
output "all" { value = data.terraform_remote_state.d.outputs }
output "whole" { 
  value = data.terraform_remote_state.d
  sensitive = true
}
