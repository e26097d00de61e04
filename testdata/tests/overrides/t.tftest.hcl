override_resource {
  target = terraform_data.a
  values = { id = "over", output = "zip" }
}
override_module {
  target  = module.m
  outputs = { o = "fromover" }
}
override_data {
  target = data.terraform_remote_state.r
  values = { outputs = { a = 1 } }
}
run "a" {
  variables { name = "remote" }
  assert {
    condition     = output.id == "over"
    error_message = "id ${output.id}"
  }
  assert {
    condition     = output.m == "zz"
    error_message = "all ${jsonencode(terraform_data.a)} ${jsonencode(output.m)} ${jsonencode(output.remote)} ${jsonencode(module.m)}"
  }
}
run "b" {
  command = plan
  override_resource {
    target          = terraform_data.a
    override_during = plan
    values          = { id = "over2" }
  }
  variables { name = "q" }
  assert {
    condition     = output.id == "x"
    error_message = "all ${jsonencode(terraform_data.a)}"
  }
}
