data "terraform_remote_state" "d" {
 backend = "local"
 
}

output "o" { value = data.terraform_remote_state.d.outputs }
