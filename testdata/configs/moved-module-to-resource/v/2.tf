resource "terraform_data" "a" {
 input = "x"
 
}
moved {
 from = module.m
 to = terraform_data.b
}
