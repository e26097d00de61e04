resource "terraform_data" "a" {
depends_on=[var.x,local.y]
}
variable "x" { default=1 }
locals { y=2 }
