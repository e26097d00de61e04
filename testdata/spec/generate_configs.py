#!/usr/bin/env python3
"""Makes up small root modules, with the steps to run them by, for `testdata/configs`.

    generate_configs.py FOLDER COUNT [SEED]

Writes FOLDER/gen-SEED-N/{main.tf, m/main.tf, *.tfvars, steps.json, v/...}. Only `terraform_data` is used. Each module
is planned, applied, planned again, changed (other variables, other blocks), applied, and destroyed.
"""
import json, pathlib, random, sys

TYPES = [
    ("string", ['"a"', '"b c"', "5", "true"]),
    ("number", ["1", '"2.5"', "0"]),
    ("bool", ["true", '"false"']),
    ("list(string)", ['["a", "b"]', "[]", '[1, "x"]', '["b", "a", "b"]']),
    ("set(string)", ['["b", "a"]', '["x", "x"]', "[]"]),
    ("set(number)", ['[3, 1, "2"]', "[1]"]),
    ("map(string)", ['{ a = "x", b = 1 }', "{}", '{ "k k" = true }']),
    ("map(number)", ["{ a = 1 }", '{ b = "2", a = 3 }']),
    ("tuple([string, number])", ['["a", 1]', '[1, "2"]']),
    ("object({ a = string, b = optional(number, 7) })", ['{ a = "x" }', "{ a = 1, b = null }", '{ a = "y", b = "3", c = 1 }']),
    ("list(object({ n = string, t = optional(list(string), [\"d\"]) }))", ['[{ n = "p" }, { n = "q", t = [] }]', "[]", '[{ n = 1, t = null }]']),
    ("map(object({ e = optional(bool), o = optional(object({ z = optional(string, \"zz\") }), {}) }))", ['{ a = {} }', "{ a = { e = true }, b = { o = { z = null } } }", "{}"]),
    ("any", ['"x"', "[1, 2]", "{ a = [true] }", "null"]),
    ("list(any)", ["[1, 2]", '["a", 1]', "[]"]),
    ("map(any)", ['{ a = 1, b = "x" }', "{ a = [1] }"]),
]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, part):
        return self.random.random() < part

    def variables(self, prefix, count):
        made = []
        for at in range(count):
            ty, values = self.random.choice(TYPES)
            made.append({"name": f"{prefix}{at}", "type": ty, "values": values, "default": self.random.choice(values) if self.chance(0.8) else None, "sensitive": self.chance(0.15), "nullable": not self.chance(0.25)})
        return made

    def block(self, variable):
        lines = [f'variable "{variable["name"]}" {{', f'  type = {variable["type"]}']
        if variable["default"] is not None and not (variable["default"] == "null" and not variable["nullable"]):
            lines.append(f'  default = {variable["default"]}')
        else:
            variable["default"] = None
        if variable["sensitive"]:
            lines.append("  sensitive = true")
        if not variable["nullable"]:
            lines.append("  nullable = false")
        if self.chance(0.3):
            condition = self.pick(f"can(jsonencode(var.{variable['name']}))", f"length(jsonencode(var.{variable['name']})) > {self.pick(0, 1, 1, 12)}", f"var.{variable['name']} != null")
            lines += ["  validation {", f"    condition     = {condition}", f'    error_message = "The value of {variable["name"]} is not right."', "  }"]
        return "\n".join([*lines, "}"])

    def use(self, name, ty):
        """An expression that takes something of a value of a type."""
        anything = [name, f"jsonencode({name})", f'"<${{jsonencode({name})}}>"', f"[{name}]", f"{{ k = {name} }}", f"try({name}.a, {name}[0], \"none\")", f'can({name}.a) ? "has" : "has not"', f'{name} == null ? "null" : "value"', f"one([{name}])", f"[for x in [{name}] : x if x != null]"]
        by_type = {
            "string": [f"upper({name})", f'"x-${{{name}}}"', f"{name} == \"a\""], "number": [f"{name} + 1", f"max({name}, 3)", f"{name} > 1 ? [{name}] : []"], "bool": [f"!{name}", f'{name} ? "yes" : "no"'],
            "list": [f"[for i, x in {name} : \"${{i}}\" if i < 2]", f"length({name})", f"{name}[*]", f"reverse({name})", f"toset({name})"], "set": [f"sort([for x in {name} : tostring(x)])", f"length({name})", f"setunion({name}, {name})", f"tolist({name})"],
            "map": [f"keys({name})", f"{{ for k, v in {name} : upper(k) => v }}", f"merge({name}, {{ z = null }})", f"lookup({name}, \"a\", null)", f"values({name})"],
            "object": [f"try({name}.a, 1)", f"merge({name}, {{ a = 1 }})"], "tuple": [f"{name}[0]", f"{name}[*]"],
        }
        return self.random.choice(anything + by_type.get(ty.split("(")[0], []) * 2)

    def module(self, prefix, depth):
        """Blocks of a module, and what can be said of it."""
        variables = self.variables(prefix, self.random.randint(2, 4))
        blocks = [self.block(variable) for variable in variables]
        names = [(f"var.{variable['name']}", variable["type"]) for variable in variables]
        locals = []
        for at in range(self.random.randint(1, 3)):
            locals.append(f"  l{at} = {self.use(*self.random.choice(names))}")
            names.append((f"local.l{at}", "any"))
        blocks.append("locals {\n" + "\n".join(locals) + "\n}")
        for at in range(self.random.randint(1, 3)):
            name, lines = f"r{at}", [f'resource "terraform_data" "r{at}" {{']
            repeat = self.pick(None, None, "count", "for_each")
            if repeat == "count":
                lines.append(f"  count = {self.pick('2', '1', '0', 'length(var.' + variables[0]['name'] + ') > 1 ? 2 : 1' if 'list' in variables[0]['type'] else '3')}")
            elif repeat == "for_each":
                lines.append(f"  for_each = {self.pick('toset([' + chr(34) + 'a' + chr(34) + ', ' + chr(34) + 'b' + chr(34) + '])', '{ x = 1, y = 2 }', '{ for k in [' + chr(34) + 'p' + chr(34) + '] : k => k }')}")
            extra = {"count": "count.index", "for_each": "each.value"}.get(repeat)
            value = self.use(*self.random.choice(names))
            lines.append(f"  input = {'[' + extra + ', ' + value + ']' if extra and self.chance(0.7) else value}")
            if self.chance(0.4):
                lines.append(f"  triggers_replace = {self.use(*self.random.choice(names))}")
            if self.chance(0.3):
                inner = self.pick("create_before_destroy = true", "ignore_changes = [input]", f'precondition {{\n      condition     = {"var." + variables[0]["name"] + self.pick(" != 5", " != null", " == null")}\n      error_message = "No."\n    }}', f'postcondition {{\n      condition     = {self.pick("self.id != null", "self.output == self.input")}\n      error_message = "No."\n    }}')
                lines.append(f"  lifecycle {{\n    {inner}\n  }}")
            blocks.append("\n".join([*lines, "}"]))
            suffix = {"count": "[*].id", "for_each": "", None: ".output"}[repeat]
            names.append((f"terraform_data.{name}{suffix}", "any"))
            if not repeat:
                names.append((f"terraform_data.{name}", "any"))
        called = None
        if depth > 0 and self.chance(0.7):
            called = self.module("m", depth - 1)
            lines = ['module "c" {', '  source = "./m"']
            repeat = self.pick(None, None, "count = 2", 'for_each = toset(["s", "t"])')
            if repeat:
                lines.append(f"  {repeat}")
            for variable in called["variables"]:
                if variable["default"] is None or self.chance(0.6):
                    given = self.pick(self.random.choice(variable["values"]), self.random.choice(variable["values"]), self.random.choice(names)[0] if self.chance(0.5) else self.random.choice(variable["values"]))
                    lines.append(f"  {variable['name']} = {given}")
            blocks.append("\n".join([*lines, "}"]))
            names.append(("module.c" + ("" if repeat else ".o0"), "any"))
        if self.chance(0.3):
            blocks.append(f'check "k" {{\n  assert {{\n    condition     = length(jsonencode({self.random.choice(names)[0]})) > {self.pick(3, 20)}\n    error_message = "Checked."\n  }}\n}}')
        for at in range(self.random.randint(1, 3)):
            name, ty = self.random.choice(names)
            secret = any(variable["sensitive"] for variable in variables + (called["variables"] if called else []))
            flags = "\n  sensitive = true" if self.chance(0.95 if secret else 0.2) else ""
            blocks.append(f'output "o{at}" {{\n  value = {self.use(name, ty)}{flags}\n}}')
        return {"variables": variables, "text": "\n\n".join(blocks) + "\n", "called": called}

    def given(self, variable):
        return self.random.choice(variable["values"])

    def case(self):
        root = self.module("v", 1)
        files, steps = {"main.tf": root["text"]}, []
        if root["called"]:
            files["m/main.tf"] = root["called"]["text"]
        needed = [variable for variable in root["variables"] if variable["default"] is None]
        if needed or self.chance(0.4):
            lines = [f'{variable["name"]} = {self.given(variable)}' for variable in needed + [v for v in root["variables"] if v not in needed and self.chance(0.3)]]
            files[self.pick("terraform.tfvars", "x.auto.tfvars")] = "\n".join(lines) + "\n"
        changed = self.random.choice(root["variables"])
        given = self.given(changed)
        env = {f"TF_VAR_{changed['name']}": given.strip('"')} if self.chance(0.3) else {}
        arguments = [] if env else ["-var", f'{changed["name"]}={given.strip(chr(34)) if given.startswith(chr(34)) else given}']
        steps = [{"cmd": "validate"}, {"cmd": "plan"}, {"cmd": "apply"}, {"cmd": "output"}, {"cmd": "plan"}, {"cmd": "plan", "args": arguments, "env": env}, {"cmd": "apply", "args": arguments, "env": env}]
        if self.chance(0.5):
            files["v/main.tf"] = self.moved(root["text"])
            steps += [{"replace_files": {"main.tf": "v/main.tf"}}, {"cmd": "plan"}, {"cmd": "apply"}]
        steps.append({"cmd": "destroy"})
        return files, steps

    def moved(self, text):
        """The module with a resource renamed, forgotten or without its repetition."""
        kind = self.pick("moved", "removed", "plain", "gone")
        begin = text.index('resource "terraform_data" "r0"')
        end = text.index("\n}\n", begin) + 3
        if kind == "moved":
            return text.replace("terraform_data.r0", "terraform_data.n0").replace('"terraform_data" "r0"', '"terraform_data" "n0"') + "\nmoved {\n  from = terraform_data.r0\n  to   = terraform_data.n0\n}\n"
        if kind == "plain":
            block = "\n".join(line for line in text[begin:end].split("\n") if not line.startswith(("  count", "  for_each")) and "each.value" not in line and "count.index" not in line)
            return text[:begin] + block + text[end:]
        rest = text[:begin] + text[end:]
        rest = rest.replace("terraform_data.r0", '{ id = "gone", output = 1 }' if kind == "gone" else "null")
        return rest if kind == "gone" else rest + "\nremoved {\n  from = terraform_data.r0\n  lifecycle {\n    destroy = false\n  }\n}\n"


def main(folder, count, seed=1):
    for at in range(int(count)):
        files, steps = Maker(int(seed) * 100_000 + at).case()
        case = pathlib.Path(folder, f"gen-{seed}-{at:03}")
        for name, text in files.items():
            (case / name).parent.mkdir(parents=True, exist_ok=True)
            (case / name).write_text(text)
        (case / "steps.json").write_text(json.dumps(steps, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
