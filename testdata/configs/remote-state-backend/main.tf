data "terraform_remote_state" "d" {
 backend = "nope"
 config = { path = "x" }
}

output "o" { value = data.terraform_remote_state.d.outputs }
