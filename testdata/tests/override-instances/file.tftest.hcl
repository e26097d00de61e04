override_module {
  target  = module.child[0]
  outputs = { o = "F0" }
}

override_module {
  target  = module.keyed
  outputs = { o = "F*" }
}

override_module {
  target  = module.child[1].module.deep
  outputs = { q = "F1*" }
}

override_resource {
  target = module.child[1].terraform_data.z[1]
  values = { output = "F11" }
}

run "alone" {
  state_key = "alone"

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"F0\",[\"real-1\",[\"z-1\",\"F11\"]]],{\"a\":\"F*\",\"b\":\"F*\"},[null,[\"F1*\",\"F1*\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "same_in_run" {
  state_key = "same_in_run"

  override_module {
    target  = module.child[0]
    outputs = { o = "R0" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"R0\",[\"real-1\",[\"z-1\",\"F11\"]]],{\"a\":\"F*\",\"b\":\"F*\"},[null,[\"F1*\",\"F1*\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "all_in_run" {
  state_key = "all_in_run"

  override_module {
    target  = module.child
    outputs = { o = "R" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"F0\",\"R\"],{\"a\":\"F*\",\"b\":\"F*\"},[null,null],[null,null]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "one_in_run" {
  state_key = "one_in_run"

  override_module {
    target  = module.keyed["a"]
    outputs = { o = "Ra" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"F0\",[\"real-1\",[\"z-1\",\"F11\"]]],{\"a\":\"Ra\",\"b\":\"F*\"},[null,[\"F1*\",\"F1*\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "nested_in_run" {
  state_key = "nested_in_run"

  override_module {
    target  = module.child[1].module.deep[0]
    outputs = { q = "R10" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"F0\",[\"real-1\",[\"z-1\",\"F11\"]]],{\"a\":\"F*\",\"b\":\"F*\"},[null,[\"R10\",\"F1*\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}

run "resource_in_run" {
  state_key = "resource_in_run"

  override_resource {
    target = module.child[1].terraform_data.z
    values = { output = "R1*" }
  }

  assert {
    condition     = jsonencode([output.count, output.keyed, output.deep, output.allr]) == "[[\"F0\",[\"real-1\",[\"R1*\",\"F11\"]]],{\"a\":\"F*\",\"b\":\"F*\"},[null,[\"F1*\",\"F1*\"]],[null,[\"st\",\"st\"]]]"
    error_message = jsonencode([output.count, output.keyed, output.deep, output.allr])
  }
}
