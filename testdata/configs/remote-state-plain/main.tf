data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "other.tfstate" }
}
resource "terraform_data" "a" { input = data.terraform_remote_state.d.outputs.obj }
output "o" { value = data.terraform_remote_state.d.outputs }
