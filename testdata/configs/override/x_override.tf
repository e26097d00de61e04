variable "v" { default = "2" }
resource "terraform_data" "a" { input = "over-${var.v}" }
