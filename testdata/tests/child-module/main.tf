variable "bucket" {
  type = object({ name = string, size = optional(number, 3) })
}

resource "terraform_data" "a" {
  input = var.bucket
}

output "size" {
  value = terraform_data.a.output.size
}
