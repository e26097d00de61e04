data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = terraform_data.p.output }
}
resource "terraform_data" "p" { input = "other.tfstate" }
output "o" { value = data.terraform_remote_state.d.outputs }
