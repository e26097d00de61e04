variable "a" {
 type=string
 default="x"
}
locals {
 l=1
 m=2
}
output "o" {
 value=[var.a,local.l,local.m]
}
