resource "terraform_data" "b" { input = "q" }
