run "setup" {
  module {
    source = "./mod"
  }
  variables {
    name = "n"
  }
}

run "uses_it" {
  variables {
    bucket = run.setup.bucket
  }
  assert {
    condition     = output.size == 3 && var.bucket.name == "n-made"
    error_message = "size ${output.size}"
  }
}

run "setup_again" {
  module {
    source = "./mod"
  }
  variables {
    name = "n2"
  }
  assert {
    condition     = output.bucket.name == "n2-made" && terraform_data.in.id != null
    error_message = jsonencode(output.bucket)
  }
}

run "wrong_type" {
  variables {
    bucket = "text"
  }
}
