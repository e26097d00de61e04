mock_provider "terraform" {
  mock_resource "terraform_data" {
    defaults = { id = "mocked" }
  }
}
run "a" {
  command = apply
  assert {
    condition     = output.id == "mocked"
    error_message = "id ${output.id} ${jsonencode(terraform_data.a)}"
  }
}
run "b" {
  command = plan
  variables { name = "z" }
  assert {
    condition     = output.id == "mocked"
    error_message = "id ${output.id} ${jsonencode(terraform_data.a)}"
  }
}
