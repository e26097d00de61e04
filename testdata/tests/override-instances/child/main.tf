variable "n" {}
resource "terraform_data" "x" { input = "real-${var.n}" }
resource "terraform_data" "z" { 
 count = 2
 input = "z-${var.n}" 
}
data "terraform_remote_state" "r" {
  count = 2
  backend = "local"
  config = { path = "${path.module}/st.tfstate" }
}
module "deep" {
  source = "./deep"
  count  = 2
  n      = var.n
}
output "o" { value = [terraform_data.x.output, terraform_data.z[*].output] }
output "d" { value = module.deep[*].q }
output "r" { value = data.terraform_remote_state.r[*].outputs.v }
