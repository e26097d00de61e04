variable "v" { default = "1" }
resource "terraform_data" "a" { 
  input = var.v
  lifecycle { 
    postcondition {
      condition = self.output == "1"
      error_message = "out is ${self.output}"
    }
  }
}
resource "terraform_data" "b" { 
  input = terraform_data.a.output
}
