mock_provider "terraform" {
  mock_data "terraform_remote_state" {
    defaults = { outputs = { a = 1 } }
  }
}

override_data {
  target = data.terraform_remote_state.r[1]
  values = { outputs = { a = 2 } }
}

run "mocked" {
  command = plan

  assert {
    condition     = output.all[0].a == 1 && output.all[1].a == 2
    error_message = jsonencode(output.all)
  }
}

run "overridden" {
  override_data {
    target = data.terraform_remote_state.r
    values = { outputs = { a = 3 } }
  }

  assert {
    condition     = output.all[0].a == 3
    error_message = jsonencode(output.all)
  }
}
