variables {
  name = "hello"
}
run "first" {
  command = plan
  assert {
    condition     = output.name == "hello"
    error_message = "name is ${output.name}"
  }
  assert {
    condition     = terraform_data.a[0].input == "hello-1"
    error_message = "wrong input ${terraform_data.a[0].input}"
  }
}
run "second" {
  variables { n = 3 }
  assert {
    condition     = length(output.all) == 3
    error_message = "wrong len"
  }
}
run "third" {
  variables { name = run.second.name }
  module { source = "./mod" }
  assert {
    condition     = output.all == 3
    error_message = "x"
  }
}
