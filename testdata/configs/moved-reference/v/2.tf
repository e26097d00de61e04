resource "terraform_data" "b" {
 input = "x"
 
}
output "o" {
 value = terraform_data.b.id
}
moved {
 from = terraform_data.a
 to = terraform_data.b
}
