data "terraform_remote_state" "d" {
 for_each = toset(["other.tfstate"])
 backend = "local"
 config = { path = each.key }
}
output "o" { value = data.terraform_remote_state.d["other.tfstate"].outputs.name }
