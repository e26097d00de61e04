variable "name" {
  type    = string
  default = "x"
}
variable "n" {
  type    = number
  default = 2
  validation {
    condition     = var.n < 10
    error_message = "n too big"
  }
}
resource "terraform_data" "a" {
  count = var.n
  input = "${var.name}-${count.index}"
}
module "m" {
  source = "./mod"
  v      = var.name
}
output "all" { value = terraform_data.a[*].output }
output "name" { value = var.name }
check "c" {
  assert {
    condition     = var.n != 5
    error_message = "five is odd"
  }
}
