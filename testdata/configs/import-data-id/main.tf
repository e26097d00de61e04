resource "terraform_data" "s" { input = "the-id" }
import {
 to = terraform_data.a
 id = terraform_data.s.output
}
resource "terraform_data" "a" { input = 1 }
