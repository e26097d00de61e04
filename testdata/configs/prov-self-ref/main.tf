resource "terraform_data" "a" {
  input = "q"
  provisioner "local-exec" {
    command = "echo ${terraform_data.a.input} > log.txt"
  }
}
