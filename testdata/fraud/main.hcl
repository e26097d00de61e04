# A fraud model on the cheapest of three clouds: data cleaned, model stored, endpoint served, quality gated.
# It runs on one machine without any account: all three clouds use the local driver.

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
  region          = "east"
  activation_cost = 40

  offer "cpu.small" {
    price    = 0.05
    quota    = 4
    provides = { vcpu = 2, memory_gib = 4 }
  }
}

cloud "west" {
  driver          = "local"
  region          = "west"
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
  region          = "south"
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

bucket "data" {
  cloud      = cloud.east
  versioning = true
}

dataset "claims" {
  source      = "./data/claims.csv"
  destination = "${bucket.data.url}/claims/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
    cast        = { amount = "float64" }
    format      = "parquet"
  }
}

# The bucket, the model, an endpoint for each assignment, and the gate over them.
module "fraud" {
  source = "../../modules/served-model"

  name        = "fraud"
  source_file = "./model/fraud.onnx"
  cloud       = cloud.west.name
  assignments = placement.main.assignments.fraud
  dataset     = dataset.claims.manifest
  at_least    = 0.8
}

output "urls" {
  value = module.fraud.urls
}

output "model_urls" {
  value = module.fraud.model_urls
}

output "monthly_cost" {
  value = placement.main.cost
}

output "f1" {
  value = { for where, results in module.fraud.results : where => results.f1 }
}
