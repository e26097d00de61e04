variable "s" { 
  default = "geheim"
  sensitive = true
}
resource "terraform_data" "a" { 
  input = { a = var.s, b = "plain" }
  lifecycle {
    precondition {
      condition = var.s == "x"
      error_message = "is ${var.s}"
    }
  }
}
