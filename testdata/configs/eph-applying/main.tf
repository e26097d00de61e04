output "o" { value = ephemeralasnull(terraform.applying) }
locals { a = terraform.applying }
resource "terraform_data" "a" { 
  input = 1 
  provisioner "local-exec" {
    command = "echo ${terraform.applying} >> log.txt"
  }
}
