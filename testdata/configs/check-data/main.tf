check "c" {
  data "terraform_remote_state" "d" {
    backend = "local"
    config = { path = "other.tfstate" }
  }
  assert {
    condition = data.terraform_remote_state.d.outputs.name == "zzz"
    error_message = "name is ${data.terraform_remote_state.d.outputs.name}"
  }
}
