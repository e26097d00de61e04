module "m" {
 source = "./m"
 
}
