override_module {
  target  = module.m
  outputs = { o = "given", unknown = 1 }
}

run "given" {
  command = plan

  assert {
    condition     = output.m.o == "given" && output.m.p == null
    error_message = jsonencode(output.m)
  }
}

run "given_nearer" {
  override_module {
    target  = module.m
    outputs = { p = "nearer" }
  }

  assert {
    condition     = output.m.o == null && output.m.p == "nearer"
    error_message = jsonencode(output.m)
  }
}

run "nothing_there" {
  override_module {
    target = module.zz
  }

  assert {
    condition     = module.m.o == "given"
    error_message = jsonencode(module.m)
  }
}
