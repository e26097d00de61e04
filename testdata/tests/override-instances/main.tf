variable "c" { default = 2 }
module "child" {
  source = "./child"
  count  = var.c
  n      = count.index
}
module "keyed" {
  source   = "./child"
  for_each = toset(["a", "b"])
  n        = 5
}
output "count" { value = module.child[*].o }
output "keyed" { value = { for k, m in module.keyed : k => m.o } }
output "deep"  { value = module.child[*].d }
output "allr" { value = module.child[*].r }
