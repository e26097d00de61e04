# One local cloud, one task, one model that is served twice side by side.

cloud "here" {
  driver = "local"

  offer "cpu" {
    price    = 0.04
    provides = { vcpu = 2 }
  }
}

task "fraud" {
  demand     = 15
  throughput = 10
  requires   = { vcpu = 2 }
}

placement "main" {}

bucket "data" {
  cloud = cloud.here
}

dataset "claims" {
  source      = "${path.module}/../../../../testdata/fraud/data/claims.csv"
  destination = "${bucket.data.url}/claims/"

  clean {
    drop_nulls  = ["label"]
    deduplicate = ["id"]
  }
}

module "fraud" {
  source = "../.."

  name        = "fraud"
  source_file = "${path.module}/../../../../testdata/fraud/model/fraud.onnx"
  cloud       = cloud.here.name
  assignments = placement.main.assignments.fraud
  dataset     = dataset.claims.manifest
  at_least    = 0.9
}

output "model_urls" {
  value = module.fraud.model_urls
}

output "f1" {
  value = [for results in values(module.fraud.results) : results.f1]
}
