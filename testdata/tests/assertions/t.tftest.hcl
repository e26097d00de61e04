run "a" {
  assert {
    condition     = output.name
    error_message = "x"
  }
  assert {
    condition     = output.name == var.nothere
    error_message = "x ${output.zero}"
  }
  assert {
    condition     = output.name == "y"
    error_message = "x ${var.req}"
  }
  assert {
    condition     = terraform_data.b.id == "y"
    error_message = "x ${var.req}"
  }
  assert {
    condition     = var.req == 3
    error_message = "x"
  }
  assert {
    condition     = null == var.req
    error_message = 3
  }
}
