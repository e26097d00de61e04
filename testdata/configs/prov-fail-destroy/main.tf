resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    when = destroy
    command = "test -f ok"
  }
  provisioner "local-exec" {
    when = destroy
    command = "echo second >> log.txt"
  }
}
resource "terraform_data" "b" { 
  input = terraform_data.a.id 
  provisioner "local-exec" {
    command = "touch ok.later"
  }
}
