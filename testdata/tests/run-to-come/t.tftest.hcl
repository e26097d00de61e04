run "a3" {
  variables { name = run.a4.id }
}
run "a4" {
}
