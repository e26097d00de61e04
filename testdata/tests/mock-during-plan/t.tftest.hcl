mock_provider "terraform" {
  override_during = plan
  mock_resource "terraform_data" {
    defaults = { nope = "mocked", output = "out", input = "set" }
  }
}
mock_provider "terraform" {
  alias = "two"
}
run "a" {
  command = plan
  assert {
    condition     = output.name == "yy"
    error_message = jsonencode(terraform_data.a)
  }
}
run "b" {
  providers = { terraform = terraform.two }
  assert {
    condition     = output.name == "yy"
    error_message = jsonencode(terraform_data.a)
  }
}
