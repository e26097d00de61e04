variable "a" {}
variable "b" {
 default=1
 nullable=false
}
output "o" { value={a=var.a,b=var.b} }
