variable "o" {
  type = object({
    a = string
    b = optional(number, 5)
    c = optional(list(object({ d = optional(string, "dd"), e = optional(bool) })), [{}])
  })
  default = { a = "x" }
}
variable "m" {
  type    = map(object({ n = optional(number, 1) }))
  default = { k = {}, l = { n = 2 } }
}
variable "nn" {
  type     = string
  default  = "dflt"
  nullable = false
}
output "o" { value = var.o }
output "m" { value = var.m }
output "nn" { value = var.nn }
