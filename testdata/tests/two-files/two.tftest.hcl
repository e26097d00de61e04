run "bad_n" {
  command = plan
  variables { n = 11 }
  expect_failures = [var.n]
}
run "check" {
  command = plan
  variables { n = 5 }
  expect_failures = [check.c]
}
run "check_missing" {
  command         = plan
  expect_failures = [check.c]
}
run "after" {
  assert {
    condition     = output.name == "x"
    error_message = "x"
  }
}
