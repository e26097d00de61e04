removed {
 from = module.m.terraform_data.r
 lifecycle {
 destroy = false
 }
 
}
