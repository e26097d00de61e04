run "a" {
  command = plan
  variables { name = "chk" }
}
run "a2" {
  variables { name = "chk" }
  assert {
    condition     = output.name == "x"
    error_message = output.sec
  }
}
run "b" {
  command = plan
  variables { name = "outpre" }
  expect_failures = [output.name]
  assert {
    condition     = output.name == "x"
    error_message = "zz"
  }
}
run "c" {
  expect_failures = [output.nope, check.c, check.d, var.zz, module.m, output.name, terraform_data.a[0]]
}
