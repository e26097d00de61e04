resource "terraform_data" "a" {
 input = "x"
 
}
moved {
 from = module.m.terraform_data.r
 to = terraform_data.a
}
