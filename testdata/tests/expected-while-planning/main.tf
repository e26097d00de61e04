variable "name" { default = "x" }
variable "req" {
  type      = number
  default   = 1
  sensitive = true
}
resource "terraform_data" "a" {
  input = var.name
  lifecycle {
    postcondition {
      condition     = self.output != "bad"
      error_message = "bad output"
    }
    precondition {
      condition     = var.name != "pre"
      error_message = "bad pre"
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = self.output == "faildestroy" ? "exit 3" : "true"
  }
}
output "name" {
  value = terraform_data.a.output
  precondition {
    condition     = var.name != "outpre"
    error_message = "out pre"
  }
}
