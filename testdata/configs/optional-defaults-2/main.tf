variable "v" {
  type = object({
    a = string
    b = optional(number, 5)
    c = optional(object({ d = optional(string, "x"), e = optional(list(string)) }), {})
    f = optional(map(object({ g = optional(bool, true) })), { z = {} })
    h = optional(set(string), ["q"])
    i = optional(any)
  })
  default = { a = 1 }
}
variable "l" {
  type    = list(object({ a = optional(string, "d") }))
  default = [{}, { a = null }, { a = "z" }]
}
output "v" { value = var.v }
output "l" { value = var.l }
