resource "terraform_data" "a" {
 count = 2
 lifecycle {
 prevent_destroy = true
 }
}
