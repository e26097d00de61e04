module "new" {
  source = "./m"
  count  = 1
}
moved {
  from = module.new
  to   = module.new[0]
}
