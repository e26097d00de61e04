removed {
 from = terraform_data.a
 lifecycle {
 destroy = true
 }
 provisioner "local-exec" {
 command = "echo"
}
}
