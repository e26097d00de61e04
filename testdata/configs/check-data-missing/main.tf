check "c" {
  data "terraform_remote_state" "d" {
    backend = "local"
    config = { path = "none.tfstate" }
  }
  assert {
    condition = data.terraform_remote_state.d.outputs.name == "zzz"
    error_message = "name"
  }
}
resource "terraform_data" "a" { input = 1 }
