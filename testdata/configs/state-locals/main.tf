locals { a = terraform_data.x.id }
resource "terraform_data" "x" {}
module "m" {
 source = "./m"
 a = local.a
}
