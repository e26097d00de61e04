output "q" {
  value = "q"
}
