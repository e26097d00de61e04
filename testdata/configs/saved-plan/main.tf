resource "terraform_data" "a" { input = timestamp() != "" }
output "o" { value = terraform_data.a.output }
