run "made" {
}

run "targeted" {
  variables {
    name = "y"
  }
  plan_options {
    target = [terraform_data.a]
  }
  assert {
    condition     = terraform_data.a.output == "y"
    error_message = "a is ${terraform_data.a.output}"
  }
}

run "refreshed" {
  plan_options {
    mode = refresh-only
  }
  assert {
    condition     = terraform_data.a.output == "y" && output.a == run.made.a
    error_message = "a is ${terraform_data.a.output}"
  }
}

run "replaced" {
  plan_options {
    replace = [terraform_data.a]
    refresh = false
  }
  assert {
    condition     = output.a != run.made.a && output.b == run.made.b
    error_message = "not replaced"
  }
}

run "not_replaceable" {
  plan_options {
    replace = [module.x]
  }
}
