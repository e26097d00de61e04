resource "terraform_data" "b" {
 input = "x"
 
}
resource "terraform_data" "z" {
 input = "y"
 
}
moved {
 from = terraform_data.a
 to = terraform_data.b
}
