variable "a" { default="y" }
locals { l=3 }
