variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
module "m" {
  source   = "./m"
  for_each = toset(var.names)
  name     = each.key
}
module "n" {
  source = "./m"
  count  = 2
  name   = "n-${count.index}"
}
output "all" { value = { for k, m in module.m : k => m.out } }
output "n" { value = module.n[*].out }
output "one" { value = module.n[1].out }
