resource "terraform_data" "multi" {
  input = "line one\nline two\nline three\nline four\nline five\nsix\nseven\n"
}
resource "terraform_data" "json" {
  input            = jsonencode({ a = 1, b = ["x", "y", { c = 1 }], same = "s", same2 = 1 })
  triggers_replace = "k"
}
resource "terraform_data" "coll" {
  input = { list = ["a", "b", "c", "d", "e"], map = { k = "v", l = "w", "with space" = 1 }, set = toset(["p", "q"]), obj = { deep = { deeper = [1, { x = 1, y = 2 }] } }, n = null, keep = "same", num = 1, empty = {}, el = [] }
}
resource "terraform_data" "rep" {
  triggers_replace = ["a", 1]
  input            = "same"
}
resource "terraform_data" "gone" {
  input = { a = [1, 2], b = "multi\nline" }
}
resource "terraform_data" "type" { input = "str" }
resource "terraform_data" "old" { input = "x" }
output "o" { value = { a = 1, b = [1, 2], c = "x\ny\n" } }
output "p" { value = "gone" }
output "keep" { value = "same" }
variable "secret" {
  default   = "s3cret"
  sensitive = true
}
resource "terraform_data" "hidden" {
  input            = "a"
  triggers_replace = { token = var.secret }
}
