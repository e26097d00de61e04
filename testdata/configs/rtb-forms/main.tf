variable "v" { default = "1" }
resource "terraform_data" "a" { 
  count = 2
  input = "${var.v}-${count.index}" 
}
resource "terraform_data" "e" { 
  for_each = toset(["x","y"])
  input = each.key == "x" ? var.v : "same"
}
resource "terraform_data" "whole" { 
  lifecycle { 
    replace_triggered_by = [terraform_data.a] 
  }
}
resource "terraform_data" "one" { 
  lifecycle { 
    replace_triggered_by = [terraform_data.e["y"]] 
  }
}
resource "terraform_data" "attr" { 
  count = 2
  lifecycle { 
    replace_triggered_by = [terraform_data.a[count.index].output, terraform_data.e["x"].input] 
  }
}
resource "terraform_data" "each" { 
  for_each = toset(["x","y"])
  lifecycle { 
    replace_triggered_by = [terraform_data.e[each.key]] 
  }
}
