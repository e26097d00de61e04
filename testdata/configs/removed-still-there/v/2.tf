resource "terraform_data" "a" {
 input = "x"
 
}
removed {
 from = terraform_data.a
 lifecycle {
 destroy = false
 }
 
}
