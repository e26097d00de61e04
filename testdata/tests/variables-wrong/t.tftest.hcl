variables {
  name       = "x"
  undeclared = 1
}
run "a" {
  variables {
    undec2 = 2
    req    = "s"
  }
}
