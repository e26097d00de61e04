variable "e" { 
 default = "x"
 ephemeral = true 
}
locals { l = "${var.e}!" }
output "n" { value = ephemeralasnull(local.l) }
resource "terraform_data" "a" { 
  input = 1 
  provisioner "local-exec" {
    command = "echo ${var.e} >> log.txt"
  }
}
