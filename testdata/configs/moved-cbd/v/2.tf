resource "terraform_data" "b" {
 triggers_replace = 2
 lifecycle {
 create_before_destroy = true
 }
}
resource "terraform_data" "z" { input = terraform_data.b.id }
moved {
 from = terraform_data.a
 to = terraform_data.b
}
