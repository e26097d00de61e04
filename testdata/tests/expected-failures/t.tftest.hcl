run "post" {
  variables { name = "bad" }
  expect_failures = [terraform_data.a]
}
run "pre" {
  command = plan
  variables { name = "pre" }
  expect_failures = [terraform_data.a]
}
run "out" {
  command = plan
  variables { name = "outpre" }
  expect_failures = [output.name]
}
run "unexpected" {
  command = plan
  variables { name = "pre" }
  expect_failures = [output.name]
}
