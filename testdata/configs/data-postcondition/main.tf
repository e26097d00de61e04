data "terraform_remote_state" "d" {
 backend = "local"
 config = { path = "other.tfstate" }
 lifecycle {
 postcondition {
 condition = self.outputs.name == "m"
 error_message = "not m"
 }
 }
}
