variable "e" { 
 default = "x"
 ephemeral = true 
}
module "m" {
 source = "./m"
 e = var.e
}
output "o" { value = ephemeralasnull(module.m.e) }
output "len" { value = module.m.known }
