resource "terraform_data" "a" {}
locals {
  u = { id = terraform_data.a.id, k = "known", l = [terraform_data.a.id, 2] }
}
resource "terraform_data" "b" { input = local.u }
output "u" { value = local.u }
output "t" { value = "x-${terraform_data.a.id}" == "y" }
output "len" { value = length(local.u.l) }
