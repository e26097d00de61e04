resource "terraform_data" "p" { input = "q" }
module "m" {
  source = "./m"
  depends_on = [terraform_data.p]
}
output "n" { value = module.m.n }
