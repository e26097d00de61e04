resource "terraform_data" "a" {
 input = local.x
}
locals {
 x = 1
}
