provider "terraform" {
 alias="w"
}
resource "terraform_data" "a" {
provider=terraform.w
input=1
}
