resource "terraform_data" "a" {
  connection {
    host = "localhost"
  }
}
