resource "terraform_data" "a" {
 input = "x"
 count = 2
}
moved {
 from = terraform_data.a["x"]
 to = terraform_data.a[0]
}
moved {
 from = terraform_data.a["y"]
 to = terraform_data.a[1]
}
