#!/usr/bin/env python3
"""Makes up expressions: all functions and operators, `for`, splats, templates and conditionals inside one another.

    generate.py COUNT [SEED] [DEPTH]

Prints one expression a line. Most arguments are of the type that is asked for; some are null, known only after
apply, sensitive, ephemeral, at an edge, or wrong. The names under `local` are those of `generated/setup`.
"""
import random, sys

WORDS = ["", "a", "b", "abc", "A b", "x,y", "é", "e\\u0301", "10", "-1.5", "true", "a.b", "${1}x", "l1\\nl2", " s ", "ß", "日本", "🇩🇪", "%", "a/b.c", "\\t", "\\\"", "null"]
NUMBERS = ["0", "1", "2", "3", "-1", "5", "10", "2.5", "-0.5", "0.1", "1e3", "1e30", "7", "1/3", "-2", "64", "1.5"]
TIMES = ["2024-02-29T12:30:45Z", "2023-12-31T23:59:59+02:00", "1999-01-01T00:00:00-05:30", "2024-01-02T03:04:05.678Z", "2024-01-02", "0001-01-01T00:00:00Z"]
DURATIONS = ["1h", "-30m", "1h30m", "10ms", "1.5h", "24h", "0", "1d", "", "-1ns"]
FORMATS = ["YYYY-MM-DD", "DD MMM YYYY hh:mm ZZZ", "EEEE, DD-MMM-YY hh:mm:ss ZZZ", "h:mm aa", "H AA", "'at' hh", "Z ZZZZ ZZZZZ", "M/D", "yyyy", "EEE", "'it''s'", "hh'"]
VERBS = ["%s", "%d", "%v", "%q", "%#v", "%05d", "%-5s|", "%5.2f", "%t", "%x", "%X", "%o", "%b", "%e", "%g", "%%", "%+d", "%s-%s", "%[2]s %[1]s", "%.3s", "%c", "%*d", "%", "%z", "%05.1f", "%#x", "% d", "%10s", "%3d%%", "%G", "%E"]
PATTERNS = ["a", "[a-z]+", "(a)(b)?", "(?P<n>[a-z])", "^$", "\\\\d+", ".", "(", "(?i)A", "a|b", "b*", "[[:alpha:]]", "\\\\bx", "(?P<x>a)|(b)"]
CIDRS = ["10.0.0.0/8", "192.168.1.0/24", "10.1.2.3/16", "fd00::/8", "2001:db8::/32", "0.0.0.0/0", "10.0.0.1/32", "10.0.0.0", "::1/128", "010.0.0.0/8", "300.0.0.0/8"]
JSONS = ["{}", "[]", "[1,2]", "{\\\"a\\\":1,\\\"b\\\":[true,null]}", "1.50", "\\\"x\\\"", "null", "1e3", "[1", "{\\\"a\\\":{}}", "tru", "[1,\\\"a\\\"]", " 1 ", "1 2", ""]
YAMLS = ["a: 1", "- a\\n- 2", "a: {b: [1, x]}", "x", "1.0", "~", "a: ~\\nb: yes", "'q'", "|\\n a\\n b\\n", "", "a: b: c", "0x1f", "1e3", "2024-01-01", "- - 1\\n  - 2", "a: &x 1\\nb: *x", "? a\\n: b", "!!str 1", "1_000", "0o17", ".inf", "a: >\\n  x\\n  y\\n"]
CSVS = ["a,b\\n1,2", "a,b\\n1,2\\n3,4\\n", "a\\n\\\"x,y\\\"", "a,b\\n1", "a,a\\n1,2", "", "a,b\\n1,2,3", "a\\n\\\"x", "a\\nx\\\"y", "a, b\\n 1, 2", "a,b", "a\\n\\n1", "\\\"a\\\",b\\r\\n1,2\\r\\n", "a\\n\\\"x\\\"y", "a\\n\\\"x\\\"\\\"y\\\"", "a,\\n1,2", ",\\n1,2", "a\\n1\\n\\n2\\n"]
BASE64 = ["YWJj", "", "YQ==", "YQ", "!!", "w6k=", "/w==", "YW\\nJj"]
KEYS = ["a", "b", "c", "x", "1", "key"]


class Generator:
    def __init__(self, seed, depth):
        self.random, self.depth, self.names = random.Random(seed), depth, []

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, part):
        return self.random.random() < part

    def text(self, words=WORDS):
        return f'"{self.random.choice(words)}"'

    # Any expression that is meant to be of a type.

    def any(self, d):
        return self.of(self.pick("string", "number", "bool", "list", "set", "map", "tuple", "object"), d)

    def sequence(self, d):
        return self.of(self.pick("list", "tuple", "set", "tuple"), d)

    def table(self, d):
        return self.of(self.pick("map", "object"), d)

    def of(self, kind, d):
        odd = self.random.random()
        if odd < 0.03:
            return self.pick("null", "null", "tostring(null)", "tonumber(null)", "tobool(null)", "tolist(null)", "tomap(null)", "toset(null)")
        if odd < 0.08:
            return self.unknown(kind)
        if odd < 0.11:
            return f"sensitive({self.of(kind, d - 1)})"
        if odd < 0.12:
            return self.pick("var.ephemeral", f"[var.ephemeral, {self.any(d - 1)}]", f"{{ a = var.ephemeral, b = {self.any(d - 1)} }}")
        if odd < 0.15:
            kind = self.pick("string", "number", "bool", "list", "set", "map", "tuple", "object")
        if d <= 0:
            return getattr(self, kind)()
        if self.names and self.chance(0.15):
            return self.random.choice(self.names)
        if self.chance(0.12):
            return f"({self.condition(d)} ? {self.of(kind, d - 1)} : {self.of(kind, d - 1)})"
        if self.chance(0.06):
            return self.pick("try({0}, {1})", "one([{0}])", "[{0}, {1}][0]", "{{ k = {0}, l = {1} }}.k", "element([{0}, {1}], 1)", "coalesce({0}, {1})", "lookup({{ k = {0} }}, \"k\", {1})", "nonsensitive({0})", "ephemeralasnull({0})", "lookup({{ k = {0} }}, \"l\", {1})", "jsondecode(jsonencode({0}))", "yamldecode(yamlencode({0}))").format(self.of(kind, d - 1), self.of(kind, d - 1))
        if self.chance(0.15):
            return getattr(self, kind)()
        return getattr(self, "make_" + kind)(d - 1)

    def condition(self, d):
        return self.pick("true", "false", "local.unknown_bool", self.of("bool", d - 1), self.of("bool", d - 1))

    def unknown(self, kind):
        names = {"string": ["string", "string", "prefixed", "any"], "number": ["number", "any"], "bool": ["bool", "any"], "list": ["list", "any"], "set": ["set", "any"], "map": ["map", "any"]}
        if kind == "tuple":
            return self.pick("[local.unknown_string, 1]", "[local.unknown_any]", "local.unknown_any", "[for x in local.unknown_list : x]", "local.unknown_list[*]")
        if kind == "object":
            return self.pick("{ a = local.unknown_string, b = 1 }", "{ a = local.unknown_any }", "local.unknown_any", "{ (local.unknown_string) = 1 }")
        return "local.unknown_" + self.random.choice(names[kind])

    # Leaves.

    def string(self):
        return self.text()

    def number(self):
        return self.random.choice(NUMBERS)

    def bool(self):
        return self.pick("true", "false")

    def tuple(self):
        return self.pick("[]", '["a", "b"]', "[1, 2, 3]", '["b", "a", "b", ""]', '[1, "x", true]', "[null, 1]", '[["a"], []]', "[{ a = 1 }, { a = 2 }]", "[[1, 2], [3]]", "[true, false]", "[null]", '["a", null]', "[{ a = 1 }, { b = 2 }]", "[1, [2, [3]]]")

    def list(self):
        return self.pick('tolist(["a", "b"])', "tolist([1, 2, 2])", "tolist([])", 'tolist(["b", "", null, "a"])', "tolist([true])", 'split(",", "x,y,z")', "range(3)", "tolist([[1], [2, 3]])", "tolist([{ a = 1 }, { a = 2 }])", "local.names", "tolist([null, 2])", "local.people")

    def set(self):
        return self.pick('toset(["b", "a"])', "toset([3, 1, 2])", "toset([])", "toset([true])", 'toset(["a", null])', "toset([{ a = 1 }])", "toset([[1], [2, 3]])", 'toset(["b", "c", ""])')

    def map(self):
        return self.pick("tomap({ a = 1, b = 2 })", 'tomap({ a = "x" })', "tomap({})", 'tomap({ b = ["x"], a = [] })', "tomap({ a = null, b = 2 })", 'tomap({ "x y" = true })', "tomap({ a = { b = 1 } })", 'zipmap(["k", "l"], tolist([1, 2]))')

    def object(self):
        return self.pick("{}", "{ a = 1 }", '{ a = 1, b = "x" }', "{ a = null }", "{ b = [1, 2], a = {} }", "{ a = { b = { c = 1 } } }", "{ a = true, b = false }", "local.obj", '{ "x y" = 1 }', "{ a = [1], b = null }")

    # Expressions around others.

    def make_string(self, d):
        s, n = (lambda: self.of("string", d)), (lambda: self.of("number", d))
        strings = lambda: self.of(self.pick("list", "tuple", "set"), d)
        choice = self.random.randrange(44)
        if choice < 6:
            return self.template(d)
        if choice < 9:
            verbs = " ".join(self.random.choice(VERBS) for _ in range(self.random.randint(1, 3)))
            given = [self.any(d) for _ in range(max(0, verbs.replace("%%", "").count("%") + self.pick(0, 0, 0, 0, 0, 1, -1)))]
            return f'format({", ".join([chr(34) + verbs + chr(34)] + given)})'
        simple = ["lower", "upper", "title", "trimspace", "chomp", "strrev", "base64encode", "md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512", "urlencode", "dirname", "basename"]
        options = [
            lambda: f"{self.random.choice(simple)}({s()})", lambda: f"{self.random.choice(simple)}({s()})", lambda: f"{self.random.choice(simple)}({s()})",
            lambda: f"substr({s()}, {n()}, {n()})", lambda: f"replace({s()}, {s()}, {s()})", lambda: f'replace({s()}, "/{self.random.choice(PATTERNS)}/", {s()})',
            lambda: f"join({s()}, {strings()})", lambda: f"join({s()}, {strings()}, {strings()})", lambda: f"trim({s()}, {s()})", lambda: f"trimprefix({s()}, {s()})",
            lambda: f"trimsuffix({s()}, {s()})", lambda: f"indent({n()}, {s()})", lambda: f"tostring({self.any(d)})", lambda: f"jsonencode({self.any(d)})", lambda: f"jsonencode({self.any(d)})",
            lambda: f"yamlencode({self.any(d)})", lambda: f"formatdate({self.text(FORMATS)}, {self.text(TIMES)})", lambda: f"timeadd({self.text(TIMES)}, {self.text(DURATIONS)})",
            lambda: f"cidrhost({self.text(CIDRS)}, {n()})", lambda: f"cidrnetmask({self.text(CIDRS)})", lambda: f"cidrsubnet({self.text(CIDRS)}, {n()}, {n()})",
            lambda: f"base64decode({self.text(BASE64)})", lambda: f'regex("{self.random.choice(PATTERNS)}", {s()})', lambda: f"templatestring(local.template, {self.table(d)})",
            lambda: f'textencodebase64({s()}, {self.pick(chr(34) + "UTF-16LE" + chr(34), chr(34) + "UTF-8" + chr(34), chr(34) + "ISO-8859-1" + chr(34), s())})', lambda: f'textdecodebase64({self.text(BASE64)}, "UTF-16LE")',
            lambda: f"element({strings()}, {n()})", lambda: f'uuidv5({self.pick(chr(34) + "dns" + chr(34), s())}, {s()})', lambda: f"{self.table(d)}.{self.random.choice(KEYS)}",
            lambda: f"{strings()}[{n()}]", lambda: f"coalesce({s()}, {s()}, {s()})", lambda: f"one({strings()})", lambda: f"sort({strings()})[0]", lambda: f"strrev({s()})", lambda: f'lookup({self.table(d)}, {self.text(KEYS)}, {self.any(d)})',
            lambda: f"provider::terraform::encode_expr({self.any(d)})",
        ]
        return self.random.choice(options)()

    def template(self, d):
        parts = [self.random.choice(WORDS), f"${{{self.any(d)}}}", f"${{{self.of('string', d)}}}", f"%{{ if {self.condition(d)} }}{self.random.choice(WORDS)}%{{ else }}${{{self.of('string', d)}}}%{{ endif }}", f"%{{ for x in {self.sequence(d)} }}<${{x}}>%{{ endfor }}", f"%{{ for k, v in {self.table(d)} ~}} ${{k}}=${{v}} %{{ endfor ~}}", " ${~ 1 ~} "]
        return '"' + "".join(self.random.choice(parts) for _ in range(self.random.randint(1, 3))) + '"'

    def make_number(self, d):
        n, s = (lambda: self.of("number", d)), (lambda: self.of("string", d))
        options = [
            lambda: f"({n()} {self.pick('+', '-', '*', '/', '%')} {n()})", lambda: f"({n()} {self.pick('+', '-', '*', '/', '%')} {n()})", lambda: f"-{n()}",
            lambda: f"{self.pick('abs', 'ceil', 'floor', 'signum')}({n()})", lambda: f"{self.pick('min', 'max')}({n()}, {n()}, {n()})", lambda: f"{self.pick('min', 'max')}({self.sequence(d)}...)",
            lambda: f"pow({n()}, {n()})", lambda: f"log({n()}, {n()})", lambda: f"parseint({s()}, {self.pick('10', '16', '2', n())})", lambda: f"length({self.any(d)})", lambda: f"length({self.any(d)})", lambda: f"length({self.sequence(d)})",
            lambda: f"sum({self.sequence(d)})", lambda: f"index({self.sequence(d)}, {self.any(d)})", lambda: f"tonumber({self.any(d)})", lambda: f"timecmp({self.text(TIMES)}, {self.text(TIMES)})",
            lambda: f"element({self.sequence(d)}, {n()})", lambda: f"{self.sequence(d)}[{n()}]", lambda: f"{self.table(d)}[{self.text(KEYS)}]", lambda: f"one({self.sequence(d)})",
        ]
        return self.random.choice(options)()

    def make_bool(self, d):
        b, n, s = (lambda: self.of("bool", d)), (lambda: self.of("number", d)), (lambda: self.of("string", d))
        options = [
            lambda: f"({self.any(d)} {self.pick('==', '!=')} {self.any(d)})", lambda: f"({n()} {self.pick('<', '<=', '>', '>=')} {n()})", lambda: f"({b()} {self.pick('&&', '||')} {b()})", lambda: f"!{b()}",
            lambda: f"({self.any(d)} {self.pick('==', '!=')} null)", lambda: f"alltrue({self.sequence(d)})", lambda: f"anytrue({self.sequence(d)})", lambda: f"contains({self.sequence(d)}, {self.any(d)})", lambda: f"contains({self.sequence(d)}, {s()})",
            lambda: f"can({self.any(d)})", lambda: f"can({self.any(d)}.{self.random.choice(KEYS)})", lambda: f"startswith({s()}, {s()})", lambda: f"endswith({s()}, {s()})", lambda: f"strcontains({s()}, {s()})",
            lambda: f"issensitive({self.any(d)})", lambda: f"tobool({self.any(d)})", lambda: f"({s()} == {s()})", lambda: f"({self.sequence(d)} == {self.sequence(d)})", lambda: f"({self.table(d)} == {self.table(d)})",
        ]
        return self.random.choice(options)()

    def bind(self, names, make):
        self.names += names
        made = make()
        del self.names[len(self.names) - len(names):]
        return made

    def make_tuple(self, d):
        return self.random.choice([
            lambda: "[" + ", ".join(self.any(d) for _ in range(self.random.randint(0, 3))) + "]",
            lambda: f"[for v in {self.sequence(d)} : {self.bind(['v'], lambda: self.any(d))}]",
            lambda: f"[for k, v in {self.table(d)} : {self.bind(['k', 'v'], lambda: self.any(d))}]",
            lambda: f"[for i, v in {self.sequence(d)} : {self.bind(['i', 'v'], lambda: self.any(d))} if {self.bind(['i', 'v'], lambda: self.of('bool', d))}]",
            lambda: f"{self.sequence(d)}[*].{self.random.choice(KEYS[:4])}", lambda: f"{self.any(d)}[*]", lambda: f"{self.sequence(d)}.*.a", lambda: f"{self.sequence(d)}[*][{self.number()}]", lambda: f"values({self.table(d)})", lambda: f"keys({self.table(d)})",
            lambda: f"flatten({self.sequence(d)})", lambda: f"reverse({self.sequence(d)})", lambda: f"slice({self.sequence(d)}, {self.number()}, {self.of('number', d)})", lambda: f"concat({self.sequence(d)}, {self.sequence(d)})",
            lambda: f"coalescelist({self.sequence(d)}, {self.sequence(d)})", lambda: f"jsondecode({self.text(JSONS)})", lambda: f"yamldecode({self.text(YAMLS)})", lambda: f'regex("{self.random.choice(PATTERNS)}", {self.of("string", d)})',
        ])()

    def make_list(self, d):
        strings, seq = (lambda: self.of(self.pick("list", "tuple", "set"), d)), (lambda: self.sequence(d))
        return self.random.choice([
            lambda: f"tolist({seq()})", lambda: f"tolist({seq()})", lambda: f"split({self.of('string', d)}, {self.of('string', d)})", lambda: f"sort({strings()})", lambda: f"compact({strings()})", lambda: f"distinct({seq()})", lambda: f"chunklist({seq()}, {self.number()})",
            lambda: f"range({self.number()}, {self.number()})", lambda: f"range({self.number()}, {self.number()}, {self.number()})", lambda: f"formatlist({self.text(VERBS)}, {seq()})", lambda: f"formatlist({self.text(VERBS)}, {seq()}, {self.any(d)})",
            lambda: f"matchkeys({seq()}, {seq()}, {seq()})", lambda: f"matchkeys({seq()}, {seq()}, {seq()})", lambda: f"csvdecode({self.text(CSVS)})", lambda: f'regexall("{self.random.choice(PATTERNS)}", {self.of("string", d)})', lambda: f"setproduct({seq()}, {seq()})",
            lambda: f"concat({self.of('list', d)}, {self.of('list', d)})", lambda: f"reverse({self.of('list', d)})", lambda: f"slice({self.of('list', d)}, {self.number()}, {self.number()})", lambda: f"values({self.of('map', d)})", lambda: f"keys({self.of('map', d)})", lambda: f"coalescelist({self.of('list', d)}, {self.of('list', d)})",
            lambda: f"flatten({seq()})", lambda: f"cidrsubnets({self.text(CIDRS)}, {self.number()}, {self.number()})", lambda: f"[{self.of('list', d)}, {self.of('list', d)}][0]",
        ])()

    def make_set(self, d):
        seq = lambda: self.sequence(d)
        return self.random.choice([lambda: f"toset({seq()})", lambda: f"toset({seq()})", lambda: f"setunion({seq()}, {seq()})", lambda: f"setintersection({seq()}, {seq()})", lambda: f"setsubtract({seq()}, {seq()})", lambda: f"setproduct({self.of('set', d)}, {self.of('set', d)})", lambda: f"toset([for v in {seq()} : {self.bind(['v'], lambda: self.any(d))}])"])()

    def make_map(self, d):
        return self.random.choice([lambda: f"tomap({self.table(d)})", lambda: f"tomap({self.table(d)})", lambda: f"merge({self.of('map', d)}, {self.of('map', d)})", lambda: f"merge({self.table(d)}, {self.table(d)})", lambda: f"zipmap({self.sequence(d)}, {self.sequence(d)})", lambda: f"transpose({self.table(d)})", lambda: f"tomap({{ for k, v in {self.table(d)} : k => {self.bind(['k', 'v'], lambda: self.any(d))} }})"])()

    def make_object(self, d):
        key = lambda: self.pick(*KEYS[:4], *KEYS[:4], f"({self.of('string', d)})", f'"${{{self.of("string", d)}}}"')
        return self.random.choice([
            lambda: "{ " + ", ".join(f"{key()} = {self.any(d)}" for _ in range(self.random.randint(1, 3))) + " }",
            lambda: f"{{ for k, v in {self.table(d)} : {self.bind(['k', 'v'], lambda: self.of('string', d))} => {self.bind(['k', 'v'], lambda: self.any(d))} }}",
            lambda: f"{{ for k, v in {self.table(d)} : k => v if {self.bind(['k', 'v'], lambda: self.of('bool', d))} }}",
            lambda: f"{{ for v in {self.sequence(d)} : {self.bind(['v'], lambda: self.of('string', d))} => v... }}", lambda: f"{{ for i, v in {self.sequence(d)} : v => i }}",
            lambda: f"merge({self.of('object', d)}, {self.of('object', d)})", lambda: f"merge({self.table(d)}, {self.table(d)})", lambda: f"merge({self.sequence(d)}...)", lambda: f"zipmap({self.of('tuple', d)}, {self.of('tuple', d)})", lambda: f"jsondecode({self.text(JSONS)})", lambda: f"yamldecode({self.text(YAMLS)})", lambda: f"element(csvdecode({self.text(CSVS)}), 0)",
        ])()


def expressions(count, seed=1, depth=3, longest=200):
    generator, seen = Generator(seed, depth), set()
    while len(seen) < count:
        made = generator.any(generator.random.randint(1, depth))
        if len(made) <= longest and made not in seen:
            seen.add(made)
            yield made


if __name__ == "__main__":
    for expression in expressions(*(int(given) for given in sys.argv[1:])):
        print(expression)
