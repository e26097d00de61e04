#!/usr/bin/env python3
"""Evaluates many expressions in a few runs of `BIN console`: as local values, a line each, shown as elements of a tuple.

Errors name the line of the value that they are about; where nothing is shown then, the others are evaluated again. What is
printed for an element is what would be printed for it alone, but for its indentation.

    batch.py OUT.jsonl EXPRESSIONS     records what `terraform` says about the expressions of a file, one a line
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile

SETUP = pathlib.Path(__file__).parent / "generated" / "setup"
FILE = "generated.tf"
ENVIRONMENT = dict(os.environ, TF_CLI_CONFIG_FILE=os.devnull, NO_COLOR="1", CHECKPOINT_DISABLE="1")


def console(program, expressions, asked):
    """Exit code, output and messages of a question about `expressions`, which are in reach as local.e0, local.e1, ..."""
    with tempfile.TemporaryDirectory() as folder:
        for file in SETUP.iterdir():
            shutil.copy(file, folder)
        lines = [f"e{at} = {expression}" for at, expression in enumerate(expressions)]
        pathlib.Path(folder, FILE).write_text("\n".join(["locals {", *lines, "}", ""]))
        run = subprocess.run([program, "console"], input=asked + "\n", cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)
    return run.returncode, run.stdout, re.sub(r"\x1b\[[0-9;]*m", "", run.stderr)


def elements(text, indent):
    """The elements of a printed tuple: what stands at `indent`, without that indentation."""
    found, until = [], None
    lines = text.rstrip("\n").split("\n")
    # What stands before it are messages.
    begin = next(at for at, line in enumerate(lines) if line in ("[", "tuple(["))
    for line in lines[begin + 1:-1]:
        line = line[indent:]
        if until is not None or re.match(r"[ \]})]", line):
            found[-1] += "\n" + line
        else:
            found.append(line)
        # The end of a text may be that of a key, behind which another text may begin.
        if until is None or re.match(rf" *{until}(,| = .*)?$", line):
            marker = re.search(r"<<-?(\w+)$", line)
            until = marker[1] if marker else None
    return [element.removesuffix(",") for element in found]


def failures(said):
    """What went wrong, by the number of the expression."""
    found = {}
    for block in re.split(r"\n(?=.{0,3}Error: )", said):
        summary, line = re.search(r"Error: (.*)", block), re.search(FILE + r"(?: line |:)(\d+)", block)
        if summary and line:
            found.setdefault(int(line[1]) - 2, " ".join(re.sub(r"[│╵╷]", " ", block[summary.start(1):]).split())[:300])
    return found


def evaluate(program, expressions, with_types=True):
    """A list of {"expr", "ok", "text", "type"} or {"expr", "ok", "error"}."""
    rows = [{"expr": expression, "ok": True} for expression in expressions]
    left = list(rows)
    while left:
        given = [row["expr"] for row in left]
        shown = "[" + ", ".join(f"local.e{at}" for at in range(len(left))) + "]"
        code, out, said = console(program, given, shown)
        wrong = failures(said + out)
        texts = elements(out, 2) if code == 0 else []
        types = elements(console(program, given, f"type({shown})")[1], 4) if code == 0 and with_types else texts
        if code == 0 and len(left) == 1:
            # A name with a line break in it is not told apart from the next element: no type then.
            texts, types = ["\n".join(texts)], types if len(types) == 1 else [None]
        unclear = code == 0 and not len(texts) == len(types) == len(left) or code != 0 and not wrong
        if unclear and len(left) > 1:
            half = len(given) // 2
            done = evaluate(program, given[:half], with_types) + evaluate(program, given[half:], with_types)
            for row, new in zip(left, done):
                row |= new
            break
        for at, row in enumerate(left):
            if at in wrong or code != 0 and not wrong:
                row |= {"ok": False, "error": wrong.get(at) or said or "no answer"}
        if code == 0:
            for row, text, type in zip(left, texts, types):
                if row["ok"]:
                    # A text block that stands alone stands at the margin, and so begins with another sign.
                    row |= {"text": re.sub(r"\A<<-", "<<", text)} | ({"type": type} if with_types and type else {})
            break
        left = [row for row in left if row["ok"]]
    return rows


def main(out, expressions):
    lines = [line for line in pathlib.Path(expressions).read_text().splitlines() if line.strip()]
    with open(out, "w") as file:
        for at in range(0, len(lines), 150):
            for row in evaluate("terraform", lines[at:at + 150]):
                # Of an error what it is called is enough.
                row |= {"error": row["error"].split(" on " + FILE)[0]} if "error" in row else {}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
