variable "v" {
  type    = number
  default = 1
}
resource "terraform_data" "a" {
  input = var.v
  lifecycle {
    precondition {
      condition     = var.v < 10
      error_message = "v is ${var.v}, too big."
    }
    postcondition {
      condition     = self.input != 5
      error_message = "Five is not good."
    }
  }
}
check "odd" {
  assert {
    condition     = terraform_data.a.output != 3
    error_message = "Three is odd."
  }
}
