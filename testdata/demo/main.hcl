# The demand of a fraud model, placed on the cheapest of three clouds, with a record for each replica
# that would serve it. It runs on one machine without any account.

variable "demand" {
  type        = number
  default     = 30
  description = "Requests per second to be covered."

  validation {
    condition     = var.demand > 0
    error_message = "The demand must be positive."
  }
}

cloud "east" {
  driver          = "local"
  activation_cost = 40

  offer "cpu.small" {
    price    = 0.05
    quota    = 4
    provides = { vcpu = 2, memory_gib = 4 }
  }
}

cloud "west" {
  driver          = "local"
  activation_cost = 5

  offer "cpu.small" {
    price    = 0.07
    quota    = 2
    provides = { vcpu = 2, memory_gib = 4 }
  }

  offer "cpu.tiny" {
    price    = 0.02
    provides = { vcpu = 1, memory_gib = 1 } # too small for the task
  }
}

cloud "south" {
  driver          = "local"
  activation_cost = 300

  offer "cpu.large" {
    price    = 0.01
    provides = { vcpu = 8, memory_gib = 32 }
    serves   = { fraud = 100 }
  }
}

task "fraud" {
  demand     = var.demand
  throughput = 10
  min_clouds = 2

  requires = {
    vcpu       = 2
    memory_gib = 2
  }
}

placement "main" {}

resource "terraform_data" "replica" {
  for_each = placement.main.assignments.fraud

  input = {
    cloud    = each.value.cloud
    offer    = each.value.offer
    replicas = each.value.units
  }
}

output "urls" {
  value = { for where, replica in terraform_data.replica : where => "local://${replica.output.cloud}/${replica.id}" }
}

output "monthly_cost" {
  value = placement.main.cost
}
