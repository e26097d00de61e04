run "out" {
  variables { name = "pre" }
  expect_failures = [terraform_data.a]
}
run "out2" {
  variables { name = "outpre" }
  expect_failures = [output.name]
}
