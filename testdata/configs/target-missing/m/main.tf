variable "v" {}
resource "terraform_data" "r" { input = var.v }
output "r" { value = terraform_data.r.id }
