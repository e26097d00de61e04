# The demand of a fraud model, placed on the cheapest of three clouds, with a bucket in each that is
# chosen. It runs on one machine without any account: all clouds use the local driver.

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

# A bucket for the model in each cloud that was chosen.
bucket "models" {
  for_each = toset(placement.main.clouds)

  cloud      = each.key
  name       = "models-${each.key}"
  versioning = true
}

output "buckets" {
  value = { for where, models in bucket.models : where => models.url }
}

output "monthly_cost" {
  value = placement.main.cost
}
