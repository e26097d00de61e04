variable "v" { default = "1" }
resource "terraform_data" "a" {
  triggers_replace = var.v
  input = "in"
  provisioner "local-exec" {
    command = "echo made ${self.input} $X >> log.txt"
    environment = { X = var.v }
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone ${self.input} >> log.txt"
  }
  provisioner "local-exec" {
    command    = "false"
    on_failure = continue
  }
}
