resource "terraform_data" "a" {
  inptu = 1
}
output "o" { value = var.none }
