data "terraform_remote_state" "d" {
 backend = "local"
 config = { pth = "x" }
}

output "o" { value = data.terraform_remote_state.d.outputs }
