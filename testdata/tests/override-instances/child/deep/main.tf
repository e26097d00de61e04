variable "n" {}
resource "terraform_data" "y" { input = "deep-${var.n}" }
output "q" { value = terraform_data.y.output }
