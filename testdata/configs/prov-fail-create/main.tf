variable "fail" { default = "1" }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo first >> log.txt"
  }
  provisioner "local-exec" {
    command = "exit ${var.fail}"
  }
  provisioner "local-exec" {
    command = "echo third >> log.txt"
  }
  provisioner "local-exec" {
    when = destroy
    command = "echo destroyed >> log.txt"
  }
}
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" { input = "c" }
