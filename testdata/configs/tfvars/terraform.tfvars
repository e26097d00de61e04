a = "from-tfvars"
c = [1]
