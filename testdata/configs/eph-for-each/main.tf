variable "e" { 
 default = ["a"]
 ephemeral = true 
}
resource "terraform_data" "a" { for_each = toset(var.e) }
