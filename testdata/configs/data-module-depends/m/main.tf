data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = "other.json" }
}
output "n" { value = data.terraform_remote_state.d.outputs.name }
