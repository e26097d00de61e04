variable "n" { default = 3 }
resource "terraform_data" "a" {
  count = var.n
  input = count.index
}
resource "terraform_data" "z" {
  for_each = { for i, r in terraform_data.a : "k${i}" => r.input }
  input    = each.value
}
output "ids" { value = length(terraform_data.a[*].id) }
output "z" { value = { for k, v in terraform_data.z : k => v.output } }
