resource "terraform_data" "a" {
  for_each = toset(["x","y"])
  input = each.key
  provisioner "local-exec" {
    command = "echo ${each.key} >> log-${each.key}.txt"
  }
  provisioner "local-exec" {
    when = destroy
    command = "echo ${each.key} >> log-${each.key}.txt"
  }
}
