run "a3" {
  variables { name = run.nope.id }
}
run "a4" {
}
