run "first" {
  state_key = "one"
}

run "another" {
  state_key = "two"

  assert {
    condition     = output.id != run.first.id
    error_message = "states are not apart"
  }
}

run "again" {
  state_key = "one"

  assert {
    condition     = output.id == run.first.id
    error_message = "the state is not kept"
  }
}
