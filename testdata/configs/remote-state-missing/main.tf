data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "none.tfstate" }
}

output "o" { value = data.terraform_remote_state.d.outputs }
