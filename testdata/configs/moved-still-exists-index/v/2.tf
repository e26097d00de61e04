resource "terraform_data" "a" {
 input = "x"
 count = 2
}
resource "terraform_data" "b" {
 input = "x"
 
}
moved {
 from = terraform_data.a[1]
 to = terraform_data.b
}
