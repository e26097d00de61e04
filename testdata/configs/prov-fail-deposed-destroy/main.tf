variable "v" { default = "1" }
resource "terraform_data" "b" { 
  triggers_replace = var.v
  provisioner "local-exec" {
    command = "test ${self.triggers_replace} = 1"
  }
  lifecycle { 
    create_before_destroy = true 
  }
}
resource "terraform_data" "c" { 
  input = terraform_data.b.id
}
