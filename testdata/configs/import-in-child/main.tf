module "m" {
 source = "./m"
}
