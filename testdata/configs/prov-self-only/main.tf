resource "terraform_data" "z" { input = "z" }
resource "terraform_data" "a" {
  provisioner "local-exec" {
    when = destroy
    command = "echo ${terraform_data.z.id}"
  }
}
