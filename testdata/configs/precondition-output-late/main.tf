variable "v" { default = "good" }
resource "terraform_data" "a" {
  input = var.v
}
output "o" {
  value = terraform_data.a.output
  precondition {
    condition     = terraform_data.a.output == "good"
    error_message = "a is ${terraform_data.a.output}"
  }
}
