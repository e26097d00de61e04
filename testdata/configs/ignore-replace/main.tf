variable "v" { default = "1" }
resource "terraform_data" "a" { 
  input = { x = var.v, y = var.v }
  triggers_replace = var.v
  lifecycle { 
    ignore_changes = [triggers_replace, input.x] 
  }
}
resource "terraform_data" "b" { 
  input = var.v
  triggers_replace = var.v
  lifecycle { 
    ignore_changes = all 
  }
}
