#!/usr/bin/env python3
"""Records what `terraform console` says about expressions.

    record.py FUNCTIONS.jsonl        every function with a set of arguments
    record.py OUT.jsonl EXPRESSIONS  the expressions of a file, one a line

Needs `terraform` on PATH. Each line of the result is {"expr", "ok", "text" | "error"}; the crate test
`src/lang/tests/expressions.rs` compares with it.
"""
import concurrent.futures, json, os, pathlib, re, subprocess, sys, tempfile

ARGUMENTS = ['""', '"abc"', "1", "-1.5", "true", "null", "[]", '["a","b"]', "[1,2]", "{}", "{a=1}", 'toset(["b","a"])']
SKIPPED = {"timestamp", "plantimestamp", "uuid", "bcrypt", "abspath", "pathexpand", "type", "rsadecrypt"}
env = dict(os.environ, TF_CLI_CONFIG_FILE=os.devnull, NO_COLOR="1", CHECKPOINT_DISABLE="1")
setup = pathlib.Path(__file__).parent / "expressions" / "setup"


def functions():
    out = subprocess.run(["terraform", "metadata", "functions", "-json"], env=env, capture_output=True, text=True)
    for name, signature in sorted(json.loads(out.stdout)["function_signatures"].items()):
        if name.startswith("core::") or name.split("::")[-1] in SKIPPED:
            continue
        count = len(signature.get("parameters", []))
        variadic = "variadic_parameter" in signature
        yield f"{name}()"
        for first in ARGUMENTS:
            yield f"{name}({first})"
        if count >= 2 or variadic:
            for first, second in [('"abc"', '"a"'), ('["a","b"]', '"a"'), ("[1,2]", "[2,3]"), ("{a=1}", '"a"'), ("5", "2"), ('"a,b"', '","'), ("{a=1}", "{b=2}"), ('","', '["x","y"]')]:
                yield f"{name}({first}, {second})"
        if count >= 3 or variadic:
            for three in ['"abc", "b", "x"', '["a","b","c"], 1, 2', '{a=1}, "z", 5', '"10.0.0.0/8", 8, 3', '"a", "b", "c"']:
                yield f"{name}({three})"


def record(expression):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "main.tf").write_text((setup / "main.tf").read_text())
        run = subprocess.run(["terraform", "console"], input=expression + "\n", cwd=folder, env=env, capture_output=True, text=True)
    if run.returncode == 0 and run.stdout.strip():
        return {"expr": expression, "ok": True, "text": run.stdout.rstrip("\n")}
    error = re.search(r"Error: (.*)", run.stderr)
    return {"expr": expression, "ok": False, "error": re.sub(r"\x1b\[[0-9;]*m", "", error[1]) if error else "unknown"}


expressions = list(functions()) if len(sys.argv) == 2 else [line.rstrip("\n") for line in open(sys.argv[2]) if line.strip()]
with concurrent.futures.ThreadPoolExecutor(4) as pool, open(sys.argv[1], "w") as out:
    for row in pool.map(record, expressions):
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
