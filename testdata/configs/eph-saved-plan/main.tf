variable "e" { 
 type = string
 ephemeral = true 
}
resource "terraform_data" "a" { 
  input = 1 
  provisioner "local-exec" {
    command = "echo ${var.e} >> log.txt"
  }
}
