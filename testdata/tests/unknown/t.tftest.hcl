run "a" {
  command = plan
  assert {
    condition     = output.id == "x"
    error_message = "id"
  }
}
run "a2" {
  variables { name = run.a.id }
  assert {
    condition     = var.name == "zz"
    error_message = "name ${var.name}"
  }
}
run "a3" {
  variables { name = run.nothere.id }
}
