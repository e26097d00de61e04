module "m" {
 source = "./o"
}
