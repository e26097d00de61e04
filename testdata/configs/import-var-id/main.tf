variable "i" { default = "abc" }
import {
  to = terraform_data.a
  id = "${var.i}-x"
}
resource "terraform_data" "a" { input = 1 }
