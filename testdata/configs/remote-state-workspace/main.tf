data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "x.tfstate" }
 workspace = "w"
}

output "o" { value = data.terraform_remote_state.d.outputs }
