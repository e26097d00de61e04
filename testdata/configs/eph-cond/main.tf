variable "e" { 
 default = 1
 ephemeral = true 
 validation {
   condition = var.e == 1
   error_message = "no"
 }
}
resource "terraform_data" "a" { 
  lifecycle {
    precondition {
      condition = var.e == 1
      error_message = "bad"
    }
  }
}
check "c" {
  assert {
    condition = var.e == 2
    error_message = "warn"
  }
}
