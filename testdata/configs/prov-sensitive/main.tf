variable "s" { 
  default = "geheim" 
  sensitive = true
}
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo $S; exit 0"
    environment = { S = var.s }
  }
}
resource "terraform_data" "b" {
  provisioner "local-exec" {
    command = "echo ${var.s}; exit 4"
  }
}
