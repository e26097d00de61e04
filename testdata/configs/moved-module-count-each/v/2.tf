module "m" {
 source = "./m"
 for_each = toset(["k","l"])
}
moved {
 from = module.m[0]
 to = module.m["k"]
}
moved {
 from = module.m[1]
 to = module.m["l"]
}
