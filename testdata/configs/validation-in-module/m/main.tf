variable "n" {
 type=number
 validation {
 condition=var.n>0
 error_message="Must be positive."
 }
}
output "n" { value=var.n }
