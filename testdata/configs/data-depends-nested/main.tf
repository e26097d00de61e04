variable "v" { default = "1" }
resource "terraform_data" "p" { input = var.v }
resource "terraform_data" "q" { input = terraform_data.p.id }
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = "other.json" }
  depends_on = [terraform_data.q]
}
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "${terraform_data.q.id == "" ? "" : "other.json"}" }
}
output "n" { value = data.terraform_remote_state.d.outputs.name }
