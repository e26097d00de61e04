run "out" {
  variables { name = "faildestroy" }
}
