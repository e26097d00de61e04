resource "terraform_data" "a" {
 input = "x"
 for_each = toset(["x"])
}
moved {
 from = terraform_data.a
 to = terraform_data.a["x"]
}
