run "one_of_count" {
  state_key = "one_of_count"

  override_module {
    target  = module.child[0]
    outputs = { o = "R0" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"R0\",[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[null,[\"deep-1\",\"deep-1\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "one_of_for_each" {
  state_key = "one_of_for_each"

  override_module {
    target  = module.keyed["b"]
    outputs = { o = "Rb", d = ["D"] }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":\"Rb\"},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "one_planned" {
  command   = plan
  state_key = "one_planned"

  override_module {
    target  = module.child[0]
    outputs = { o = "R0" }
  }

  assert {
    condition     = module.child[0].o == "R0"
    error_message = jsonencode(module.child[0])
  }
}

run "one_beside_all" {
  state_key = "one_beside_all"

  override_module {
    target  = module.child[0]
    outputs = { o = "R0" }
  }

  override_module {
    target  = module.child
    outputs = { o = "R" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"R0\",\"R\"],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[null,null],[null,null]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_one" {
  state_key = "nested_one"

  override_module {
    target  = module.child[1].module.deep[0]
    outputs = { q = "D10" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"D10\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_all_of_one" {
  state_key = "nested_all_of_one"

  override_module {
    target  = module.child[1].module.deep
    outputs = { q = "D1*" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"D1*\",\"D1*\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_one_of_all_is_none" {
  state_key = "nested_one_of_all_is_none"

  override_module {
    target  = module.child.module.deep[0]
    outputs = { q = "D*0" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_all_of_all_is_none" {
  state_key = "nested_all_of_all_is_none"

  override_module {
    target  = module.child.module.deep
    outputs = { q = "D**" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_inside_overridden" {
  state_key = "nested_inside_overridden"

  override_module {
    target  = module.child[0]
    outputs = { o = "C0" }
  }

  override_module {
    target  = module.child[0].module.deep[0]
    outputs = { q = "D00" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"C0\",[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[null,[\"deep-1\",\"deep-1\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_several" {
  state_key = "nested_several"

  override_module {
    target  = module.child.module.deep[0]
    outputs = { q = "D*0" }
  }

  override_module {
    target  = module.child[0].module.deep
    outputs = { q = "D0*" }
  }

  override_module {
    target  = module.child[1].module.deep[1]
    outputs = { q = "D11" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"D0*\",\"D0*\"],[\"deep-1\",\"D11\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "no_such_instance" {
  state_key = "no_such_instance"

  override_module {
    target  = module.child[7]
    outputs = { o = "N" }
  }

  override_module {
    target  = module.child["x"]
    outputs = { o = "N" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "resource_of_all_modules_is_none" {
  state_key = "resource_of_all_modules_is_none"

  override_resource {
    target = module.child.terraform_data.x
    values = { output = "R*" }
  }

  override_resource {
    target = module.child.terraform_data.z[0]
    values = { output = "R*0" }
  }

  override_data {
    target = module.child.data.terraform_remote_state.r
    values = { outputs = { v = "R**" } }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "resource_of_one_module" {
  state_key = "resource_of_one_module"

  override_resource {
    target = module.child[0].terraform_data.x
    values = { output = "R0" }
  }

  override_resource {
    target = module.child[0].terraform_data.z
    values = { output = "R0*" }
  }

  override_data {
    target = module.child[1].data.terraform_remote_state.r
    values = { outputs = { v = "R1*" } }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"R0\",[\"R0*\",\"R0*\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"R1*\",\"R1*\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "one_of_resource" {
  state_key = "one_of_resource"

  override_resource {
    target = module.child[0].terraform_data.z[1]
    values = { output = "R01" }
  }

  override_resource {
    target = module.child[0].terraform_data.z
    values = { output = "R0*" }
  }

  override_data {
    target = module.child[0].data.terraform_remote_state.r[1]
    values = { outputs = { v = "R01" } }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"R0*\",\"R01\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"deep-0\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"R01\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "resource_of_nested" {
  state_key = "resource_of_nested"

  override_resource {
    target = module.child[0].module.deep[1].terraform_data.y
    values = { output = "Y01" }
  }

  override_resource {
    target = module.child[0].module.deep.terraform_data.y
    values = { output = "Y0*" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[[\"real-0\",[\"z-0\",\"z-0\"]],[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[[\"deep-0\",\"Y01\"],[\"deep-1\",\"deep-1\"]],[[\"st\",\"st\"],[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "resource_of_overridden" {
  state_key = "resource_of_overridden"

  override_module {
    target  = module.child[0]
    outputs = { o = "A" }
  }

  override_resource {
    target = module.child[0].terraform_data.x
    values = { output = "R0" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"A\",[\"real-1\",[\"z-1\",\"z-1\"]]],{\"a\":[\"real-5\",[\"z-5\",\"z-5\"]],\"b\":[\"real-5\",[\"z-5\",\"z-5\"]]},[null,[\"deep-1\",\"deep-1\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}
