data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "other.tfstate" }
 depends_on = [terraform_data.p]
}
resource "terraform_data" "p" { 
 input = "q"
}
resource "terraform_data" "q" { input = data.terraform_remote_state.d.outputs.name }
output "o" { value = data.terraform_remote_state.d.outputs }
