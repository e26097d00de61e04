variables {
  name = run.a3.name
}
run "a3" {
  variables { name = "fixed" }
}
run "a4" {
  assert {
    condition     = run.a3.name == var.name && output.name == "f"
    error_message = var.name
  }
}
