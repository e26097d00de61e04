variable "v" { default = "1" }
resource "terraform_data" "a" { input = var.v }
resource "terraform_data" "b" {
  input = "b"
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "c" {
  lifecycle { replace_triggered_by = [terraform_data.a.input] }
}
