data "terraform_remote_state" "r" {
  count   = 2
  backend = "local"
  config  = { path = "nothing.tfstate" }
}

output "all" {
  value = data.terraform_remote_state.r[*].outputs
}
