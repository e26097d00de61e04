resource "terraform_data" "a" {
input=1
}
output "o00" {
  value = length(terraform_data.a.id)
}
output "o01" {
  value = length([terraform_data.a.id, 1])
}
output "o02" {
  value = terraform_data.a.id == "x" ? 1 : 2
}
output "o03" {
  value = true || terraform_data.a.id == "x"
}
output "o04" {
  value = [for x in [terraform_data.a.id, "b"] : upper(x)]
}
output "o05" {
  value = {a = terraform_data.a.id, b = 1}.b
}
output "o06" {
  value = "pre-${terraform_data.a.id}"
}
output "o07" {
  value = startswith("pre-${terraform_data.a.id}", "pre-")
}
output "o08" {
  value = coalesce(terraform_data.a.id, "x")
}
output "o09" {
  value = terraform_data.a.id != null
}
output "o10" {
  value = terraform_data.a.id == null
}
output "o11" {
  value = merge({a = 1}, {b = terraform_data.a.id})
}
output "o12" {
  value = lookup({a = terraform_data.a.id, b = "x"}, "b", "c")
}
output "o13" {
  value = jsonencode({a = terraform_data.a.id})
}
output "o14" {
  value = toset([terraform_data.a.id, "x"])
}
output "o15" {
  value = length(toset([terraform_data.a.id, "x"]))
}
output "o16" {
  value = contains(["x", terraform_data.a.id], "x")
}
output "o17" {
  value = try(terraform_data.a.id, "x")
}
output "o18" {
  value = can(terraform_data.a.id)
}
output "o19" {
  value = format("%s-%d", terraform_data.a.id, 5)
}
output "o20" {
  value = split(",", terraform_data.a.id)
}
output "o21" {
  value = keys({a = terraform_data.a.id})
}
output "o22" {
  value = max(1, length(terraform_data.a.id))
}
output "o23" {
  value = element([terraform_data.a.id, "x"], 1)
}
output "o24" {
  value = slice([terraform_data.a.id, "x", "y"], 1, 3)
}
output "o25" {
  value = concat([terraform_data.a.id], ["x"])
}
output "o26" {
  value = flatten([[terraform_data.a.id], ["x"]])
}
output "o27" {
  value = zipmap(["a", "b"], [terraform_data.a.id, "x"])
}
output "o28" {
  value = can(tonumber(terraform_data.a.id))
}
output "o29" {
  value = terraform_data.a.output + 1
}
output "o30" {
  value = length("pre-${terraform_data.a.id}") > 3
}
output "o31" {
  value = one([terraform_data.a.id])
}
output "o32" {
  value = reverse(["x", terraform_data.a.id])
}
output "o33" {
  value = setunion(["x"], [terraform_data.a.id])
}
output "o34" {
  value = sort(["x", terraform_data.a.id])
}
output "o35" {
  value = join(",", ["x", terraform_data.a.id])
}
output "o36" {
  value = alltrue([terraform_data.a.id != "", false])
}
output "o37" {
  value = anytrue([terraform_data.a.id == "", true])
}
output "o38" {
  value = -length(terraform_data.a.id)
}
output "o39" {
  value = ["a", "b"][length(terraform_data.a.id) == 36 ? 0 : 1]
}
output "o40" {
  value = terraform_data.a[*].id
}
output "o41" {
  value = compact(["", terraform_data.a.id])
}
output "o42" {
  value = length(range(length(terraform_data.a.id)))
}
output "o43" {
  value = terraform_data.a.id == "x" ? ["a"] : ["b", "c"]
}
output "o44" {
  value = length(terraform_data.a.id == "x" ? ["a"] : ["b"])
}
output "o45" {
  value = chunklist([terraform_data.a.id, "x", "y"], 2)
}
output "o46" {
  value = distinct(["x", "x", terraform_data.a.id])
}
output "o47" {
  value = values({a = terraform_data.a.id, b = "x"})
}
output "o48" {
  value = cidrsubnet("10.0.0.0/8", 8, length(terraform_data.a.id))
}
output "o49" {
  value = !(terraform_data.a.id == "")
}
output "o50" {
  value = formatlist("%s", [terraform_data.a.id, "x"])
}
output "o51" {
  value = matchkeys(["x"], ["a"], ["a"])
}
output "o52" {
  value = regexall("x", terraform_data.a.id)
}
output "o53" {
  value = length(sha1(terraform_data.a.id))
}
output "o54" {
  value = issensitive(terraform_data.a.id)
}
output "o55" {
  value = trimprefix("pre-${terraform_data.a.id}", "pre-")
}
output "o56" {
  value = substr("abc", 0, length(terraform_data.a.id))
}
output "o57" {
  value = tolist([terraform_data.a.id])[0]
}
output "o58" {
  value = terraform_data.a.id == "" || true
}
output "o59" {
  value = [terraform_data.a.id][*]
}
output "o60" {
  value = tostring(terraform_data.a.id)
}
output "o61" {
  value = "${terraform_data.a.id}" == terraform_data.a.id
}
output "o62" {
  value = coalescelist([], [terraform_data.a.id])
}
output "o63" {
  value = toset([for x in ["a"] : "${x}${terraform_data.a.id}"])
}
output "o64" {
  value = {for k in ["a"] : k => terraform_data.a.id}
}
output "o65" {
  value = {for k in [terraform_data.a.id] : k => 1}
}
output "o66" {
  value = index(["a", terraform_data.a.id], "a")
}
output "o67" {
  value = transpose({a = [terraform_data.a.id]})
}
output "o68" {
  value = length({a = terraform_data.a.id})
}
output "o69" {
  value = setproduct(["a"], [terraform_data.a.id])
}
output "o70" {
  value = setsubtract(["a"], [terraform_data.a.id])
}
output "o71" {
  value = min(1, 2, length(terraform_data.a.id))
}
output "o72" {
  value = replace(terraform_data.a.id, "-", "")
}
output "o73" {
  value = upper(terraform_data.a.id)
}
output "o74" {
  value = yamlencode({a = terraform_data.a.id})
}
output "o75" {
  value = base64encode(terraform_data.a.id)
}
output "o76" {
  value = abs(length(terraform_data.a.id))
}
output "o77" {
  value = terraform_data.a
}
output "o78" {
  value = [terraform_data.a.id, terraform_data.a.input]
}
output "o79" {
  value = lookup({a = 1}, terraform_data.a.id, 5)
}
output "o80" {
  value = endswith("${terraform_data.a.id}-x", "-x")
}
output "o81" {
  value = strcontains("abc${terraform_data.a.id}", "b")
}
output "o82" {
  value = signum(length(terraform_data.a.id))
}
output "o83" {
  value = nonsensitive(sensitive(terraform_data.a.id))
}
output "o84" {
  value = ephemeralasnull(terraform_data.a.id)
}
output "o85" {
  value = textencodebase64(terraform_data.a.id, "terraform_data.a.idTF-8")
}
output "o86" {
  value = title("x${terraform_data.a.id}")
}
output "o87" {
  value = chomp("a${terraform_data.a.id}")
}
output "o88" {
  value = formatdate("YYYY", timestamp()) != ""
}
output "o89" {
  value = length(timestamp())
}
output "o90" {
  value = timestamp() == ""
}
output "o91" {
  value = plantimestamp() != ""
}
output "o92" {
  value = uuid() == "x"
}
output "o93" {
  value = length(uuid())
}
output "o94" {
  value = startswith(uuid(), "x")
}
