output "o" { description="d" }
