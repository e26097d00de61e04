module "i" {
 source = "./m"
 
}
