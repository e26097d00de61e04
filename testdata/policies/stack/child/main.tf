variable "owner" {}

resource "terraform_data" "inner" {
  input = { owner = var.owner }
}
