variable "region" {
  type    = string
  default = "eu-west-1"
}

locals {
  names  = ["ann", "bob"]
  obj    = { a = 1, b = ["x", "y"] }
  people = [{ name = "ann", age = 30 }, { name = "bob", age = 41 }]
}

terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

resource "terraform_data" "later" {}

variable "ephemeral" {
  type      = string
  default   = "eph"
  ephemeral = true
}

locals {
  unknown_any      = terraform_data.later.output
  unknown_string   = tostring(terraform_data.later.output)
  unknown_prefixed = "pre-${terraform_data.later.output}"
  unknown_number   = tonumber(terraform_data.later.output)
  unknown_bool     = tobool(terraform_data.later.output)
  unknown_list     = split(",", terraform_data.later.output)
  unknown_set      = toset(split(",", terraform_data.later.output))
  unknown_map      = zipmap(split(",", terraform_data.later.output), split(",", terraform_data.later.output))
  template         = "<$${a}>"
}

resource "terraform_data" "counted" {
  count = 2
}

resource "terraform_data" "keyed" {
  for_each = toset(["a"])
}
