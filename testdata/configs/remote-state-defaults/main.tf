data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "other.tfstate" }
 defaults = { extra = 1, name = "d" }
}

output "o" { value = data.terraform_remote_state.d.outputs }
