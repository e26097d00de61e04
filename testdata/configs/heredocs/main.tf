locals {
  a = <<-EOT
    one

      two
   
  ${"x"}
EOT
  b = <<-EOT
    one
      two
    EOT
  c = <<-EOT
      ${"x"} y
    b
    EOT
  d = <<-EOT
${"x"} y
    b
    EOT
  e = <<-EOT
	tab
	  two
    EOT
  f = <<-EOT
    one
    %{ if true }
    yes
    %{ endif }
    end
    EOT
  g = <<-EOT
    one
    %{~ if true ~}
    yes
    %{~ endif ~}
    end
    EOT
  h = <<-EOT
    one ${ "a" } 
      two ${ "b"
   } three
    EOT
  i = <<-EOT
    EOT
  j = <<EOT
EOT
  k = <<EOT
  \n $${x} %%{y} \" "q"
  EOT
  l = <<-EOT
    $${x}
      a
  EOT
  m = <<-EOT
    a
  ${~ "b" ~}
    c
  EOT
  n = <<-EOT

    a

  EOT
  o = "a\u00e9\U0001F600\t$${x}%%{y}$x%y$$"
  p = "%{ for k, v in {a=1} }${k}=${v},%{ endfor }"
  q = "  ${~ "a" ~}  b  %{~ if true ~} c %{~ else ~} d %{~ endif ~} e"
  r = {"a" = 1, (1+1) = 2, 3 = 4, true = 5, b : 6
  c = 7
  
  d = 8, }
  s = [1,
  2
  ,3]
  t = - 1 + - -2
  u = !true ? 1 : 2
  v = true ? false ? 1 : 2 : 3
  w = [for x in [1,2] : 
     x if x > 1]
  x = {for k, v in {a=1,b=1} : v => k...}
  y = [{a=[1,2]},{a=[3]}].*.a[0]
  z = [{a=[1,2]},{a=[3]}][*].a[0]
  aa = [[1,2]][0][1]
  bb = 1 == 1 && 2 > 1 || false
  cc = 2 + 3 * 4 % 5 - 6 / 3
  dd = 1e400
  ee = 1.50
  ff = {a = {b = 1}}.a.b
  gg = [1,2,3][1]
  hh = (1
   + 2)
  ii = upper("a"
  )
  jj = "a" == "b" ? "x" : "y"
  kk = max([1,2]...)
  ll = "${1}"
  mm = "${1}${2}"
  nn = 007
  oo = 1 <= 2 == true
  pp = -2 * -3
  qq = !false == true
  rr = {}
  ss = [for k, v in ["a"] : "${k}${v}"]
  tt = { "${"a"}b" = 1 }
  uu = "\\\"\r\n"
  vv = core::upper("x")
}
