variable "a" {
default=1
validation {
condition=var.a > 0
error_message="no capital and no stop ${var.a}"
}
}
