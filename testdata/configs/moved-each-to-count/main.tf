resource "terraform_data" "a" {
 input = "x"
 for_each = toset(["x","y"])
}
