variable "name" { default = "x" }
resource "terraform_data" "a" {
  count            = 2
  input            = var.name
  triggers_replace = var.name
}
module "m" {
  count  = 1
  source = "./mod"
  v      = var.name
}
check "c" {
  assert {
    condition     = var.name != "chk"
    error_message = "check failed"
  }
}
output "name" {
  value = terraform_data.a[0].output
  precondition {
    condition     = var.name != "outpre"
    error_message = "out pre"
  }
}
output "m" { value = module.m }
output "sec" {
  value     = "s3"
  sensitive = true
}
