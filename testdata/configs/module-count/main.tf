module "m" {
source="./m"
count=2
a=count.index
}
output "x" { value=module.m[*].o }
output "y" { value=module.m }
