locals { ids = ["i0", "i1"] }
import {
  for_each = toset(local.ids)
  to = module.m[each.key].terraform_data.b
  id = each.key
}
module "m" {
  source = "./m"
  for_each = toset(local.ids)
}
