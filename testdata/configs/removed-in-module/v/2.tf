module "m" {
 source = "./m2"
 count = 2
}
