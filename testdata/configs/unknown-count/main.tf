resource "terraform_data" "p" { input = 2 }
resource "terraform_data" "q" { count = terraform_data.p.output }
