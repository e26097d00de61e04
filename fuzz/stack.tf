# A stack whose apply kills the program that carries it out, so that a journal is left behind.
variable "name" {
  default   = "web"
  sensitive = true
}

resource "terraform_data" "first" {
  count = 3
  input = { name = var.name, index = count.index, list = [1.5, true, null] }
}

resource "terraform_data" "second" {
  triggers_replace = terraform_data.first[*].id
  depends_on       = [terraform_data.first]
  provisioner "local-exec" {
    command = "kill -9 $PPID"
  }
}

check "names" {
  assert {
    condition     = terraform_data.second.id != ""
    error_message = "It has no id."
  }
}

output "ids" {
  value     = terraform_data.first[*].output
  sensitive = true
}
