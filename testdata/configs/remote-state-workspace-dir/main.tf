data "terraform_remote_state" "d" {
 backend = "local"
 config = { workspace_dir = "wd" }
 workspace = "w"
}

output "o" { value = data.terraform_remote_state.d.outputs }
