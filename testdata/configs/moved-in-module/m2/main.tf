resource "terraform_data" "s" {
 input = "x"
 
}
moved {
 from = terraform_data.r
 to = terraform_data.s
}
