module "m" {
 source = "./m"
 count = 1
}
module "n" {
 source = "./m"
 
}
moved {
 from = module.m[1]
 to = module.n
}
