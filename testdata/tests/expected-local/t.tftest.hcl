run "out" {
  expect_failures = [local.zz]
}
