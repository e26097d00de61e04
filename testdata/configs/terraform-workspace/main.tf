resource "terraform_data" "a" {
input="${terraform.workspace} ${path.module} ${path.root}"
}
