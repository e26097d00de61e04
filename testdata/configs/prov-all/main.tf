variable "v" { default = "1" }
resource "terraform_data" "a" {
  input = "in"
  triggers_replace = var.v
  provisioner "local-exec" {
    command     = "echo one $X $(basename $PWD) >> ../log.txt"
    working_dir = "sub"
    environment = { X = var.v }
  }
  provisioner "local-exec" {
    interpreter = ["/bin/bash", "-c"]
    command = "echo two ${self.id != "" ? "id" : "none"} ${self.output} >> log.txt"
    quiet = true
  }
  provisioner "local-exec" {
    when = destroy
    command = "echo d1 ${self.input} >> log.txt"
  }
  provisioner "local-exec" {
    when = destroy
    interpreter = ["/bin/sh", "-c"]
    command = "echo d2 ${self.triggers_replace} >> log.txt; exit 3"
    on_failure = continue
  }
}
