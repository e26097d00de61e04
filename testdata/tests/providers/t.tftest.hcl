provider "terraform" {}
provider "terraform" { alias = "x" }
run "a" {
  command   = plan
  providers = { terraform = terraform.x }
}
run "b" {
  command   = plan
  providers = { terraform = terraform.zz }
}
