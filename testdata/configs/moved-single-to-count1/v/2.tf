resource "terraform_data" "a" {
 input = "x"
 count = 2
}
moved {
 from = terraform_data.a
 to = terraform_data.a[1]
}
