# A model stored once, served wherever a placement has put its task, and judged before anything relies on it.

bucket "models" {
  cloud = var.cloud
  name  = "${var.name}-models"
}

model "this" {
  source = var.source_file
  bucket = bucket.models
  name   = var.name
}

endpoint "this" {
  for_each = var.assignments

  cloud    = each.value.cloud
  offer    = each.value.offer
  replicas = each.value.units
  model    = model.this
  runtime  = var.runtime
}

evaluation "this" {
  for_each = endpoint.this

  endpoint = each.value
  dataset  = var.dataset
  label    = var.label

  require {
    metric   = var.metric
    at_least = var.at_least
  }
}
