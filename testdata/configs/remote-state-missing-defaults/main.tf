data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "none.tfstate" }
 defaults = { extra = 1 }
}

output "o" { value = data.terraform_remote_state.d.outputs }
