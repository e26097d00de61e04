output "urls" {
  value       = { for where, endpoint in endpoint.this : where => endpoint.url }
  description = "The servers' base URLs, by assignment."
}

output "model_urls" {
  value       = { for where, endpoint in endpoint.this : where => endpoint.model_url }
  description = "Where predictions are asked for, by assignment: add /infer."
}

output "results" {
  value       = { for where, evaluation in evaluation.this : where => evaluation.results }
  description = "The metrics of each endpoint. What uses this output waits for the gate."
}

output "sha256" {
  value       = model.this.sha256
  description = "The model's SHA-256."
}
