variables {
  one = "1"
  two = "b-${upper("a")}"
}
run "a" {
  command = plan
  variables { name = "${var.one}-${var.two}" }
  assert {
    condition     = var.name == "yy" || var.one == "2"
    error_message = "${var.name} ${var.one}"
  }
}
