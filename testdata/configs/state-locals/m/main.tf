variable "a" {}
resource "terraform_data" "y" { input = var.a }
