variable "v" { default = "good" }
resource "terraform_data" "a" {
  input = var.v
}
resource "terraform_data" "b" {
  input = "b"
  lifecycle {
    precondition {
      condition     = terraform_data.a.output == "good"
      error_message = "a is ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "c" {
  input = terraform_data.b.output
}
