resource "terraform_data" "multi" {
  input = "line one\nline 2\nline three\nline four\nline five\nsix\nseven\neight\n"
}
resource "terraform_data" "json" {
  input            = jsonencode({ a = 2, b = ["x", "z", { c = 2 }], same = "s", same2 = 1, new = null })
  triggers_replace = "k"
}
resource "terraform_data" "coll" {
  input = { list = ["a", "B", "c", "d", "e", "f"], map = { k = "v2", m = "w", "with space" = 1 }, set = toset(["p", "r"]), obj = { deep = { deeper = [1, { x = 1, y = 3 }] } }, n = 1, keep = "same", num = 2, empty = {}, el = [1] }
}
resource "terraform_data" "rep" {
  triggers_replace = ["b", 1]
  input            = "same"
}
resource "terraform_data" "type" { input = ["str", terraform_data.rep.id] }
resource "terraform_data" "new" { input = "x" }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
resource "terraform_data" "made" { input = { a = [1, { b = 2 }], "q r" = "multi\nline\n", j = jsonencode({ a = 1, b = [true] }), e = "" } }
output "o" { value = { a = 2, b = [1, 2, 3], c = "x\nz\n" } }
output "q" { value = terraform_data.rep.id }
output "keep" { value = "same" }
variable "secret" {
  default   = "other"
  sensitive = true
}
resource "terraform_data" "hidden" {
  input            = "<b>&`x`"
  triggers_replace = { token = var.secret }
}
import {
  to = terraform_data.taken
  id = "i-1"
}
resource "terraform_data" "taken" {}
