module "n" {
 source = "./o"
}
moved {
 from = module.m.module.i.terraform_data.r
 to = module.n.module.i.terraform_data.r
}
