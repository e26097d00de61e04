run "out" {
  variables { name = "pre" }
  expect_failures = [terraform_data.zz]
}
