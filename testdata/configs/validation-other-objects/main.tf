variable "a" {
default=1
validation {
condition=var.a < local.most
error_message="Too big."
}
}
locals { most=5 }
