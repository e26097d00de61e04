resource "terraform_data" "b" {
 input = "y"
 
}
moved {
 from = terraform_data.a
 to = terraform_data.b
}
