#!/usr/bin/env python3
"""Runs skyform and terraform on the same stacks and compares time and memory.

    run.py SKYFORM [--repeat N] [--only STACK ...] [--slow] [--busy] [--json FILE] [--markdown FILE]

Each figure is the best of N runs (terraform: of two, of one for what takes long): wall clock, processor time and
peak memory of the process. Where terraform would take minutes, its time is the one written down in RECORDED, unless
--slow is given; those are wall clock on an idle machine, so they are compared with our processor time where that is
all that a busy machine can tell (--busy).
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import gen

# What terraform 1.11.4 needed on a machine with 2 cores, in seconds and MB; None: not measured.
RECORDED = {
    ("count", 5000, "apply"): (155.0, None),
    ("count", 5000, "no-op plan"): (22.0, 275),
    ("layers", 1000, "apply"): (56.0, None),
    ("layers", 5000, "plan"): (179.0, 2000),
    ("layers", 5000, "apply"): (900.0, None),
    ("layers", 1000, "no-op plan"): (4.9, 586),
    ("layers", 5000, "no-op plan"): None,
    ("modules", 5000, "apply"): (127.0, None),
    ("modules", 5000, "no-op plan"): (2.4, None),
}
# What is to be reached: stack, step, and terraform's time divided by ours.
GOALS = {
    ("count", 5000, "plan"): 20,
    ("count", 5000, "apply"): 150,
    ("count", 5000, "no-op plan"): 50,
    ("layers", 5000, "plan"): 400,
}
COMPARED = [("count", 1000), ("count", 5000), ("layers", 1000), ("layers", 5000), ("modules", 5000)]
ALONE = [("count", 10_000), ("count", 100_000), ("layers", 20_000)]
STEPS = ["plan", "apply", "no-op plan"]
# Seconds after which a stack is not run again, however few runs it had.
PATIENCE = 30


def measure(command, folder):
    """Wall and processor time in seconds and peak memory in MB of one run, which must end well."""
    environment = dict(os.environ, TF_CLI_CONFIG_FILE="/dev/null", CHECKPOINT_DISABLE="1", NO_COLOR="1")
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} in {folder} failed:\n{complaint.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(figures):
    return tuple(min(column) for column in zip(*figures))


def steps_of(program, shape, n, repeat, skip):
    """Best figures of each step; steps in `skip` are left out with all that need them."""
    found = {}
    arguments = {"plan": ["plan"], "apply": ["apply", "-auto-approve"], "no-op plan": ["plan"]}
    is_terraform = os.path.basename(program).startswith("terraform")
    start = time.monotonic()
    for round in range(repeat):
        if round > 0 and time.monotonic() - start > PATIENCE:
            break
        with tempfile.TemporaryDirectory() as folder:
            gen.write(shape, n, folder)
            if is_terraform:
                measure([program, "init"], folder)
            for step in STEPS:
                if step in skip:
                    break
                if round == 0 or max(figures[0] for figures in found[step]) < 20:
                    found.setdefault(step, []).append(measure([program, *arguments[step]], folder))
                else:
                    break
    return {step: best(figures) for step, figures in found.items()}


def seconds(value):
    if value is None:
        return "-"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def megabytes(value):
    return "-" if value is None else f"{value:.0f} MB"


def compare(args, terraform):
    rows = []
    for shape, n in COMPARED:
        if args.only and f"{shape}-{n}" not in args.only:
            continue
        ours = steps_of(args.skyform, shape, n, args.repeat, [])
        skip = [] if args.slow else [step for step in STEPS if (shape, n, step) in RECORDED]
        theirs = steps_of(terraform, shape, n, 2, skip) if terraform else {}
        for step in STEPS:
            key = (shape, n, step)
            recorded = step not in theirs and RECORDED.get(key)
            their = theirs.get(step) or recorded or None
            wall, processor, memory = ours[step]
            row = {
                "stack": f"{shape} {n:,}",
                "step": step,
                "terraform": their and {"wall": their[0], "mb": their[-1]},
                "recorded": bool(recorded),
                "skyform": {"wall": wall, "processor": processor, "mb": memory},
                "goal": GOALS.get(key),
                "ratio": None,
            }
            if their:
                row["terraform"]["processor"] = None if recorded else their[1]
                row["ratio"] = their[0] / (processor if recorded and args.busy else wall)
            rows.append(row)
            print(line_of(row), flush=True)
    return rows


def cells(figures):
    if not figures:
        return ["-", "-", "-"]
    return [seconds(figures["wall"]), seconds(figures["processor"]), megabytes(figures["mb"])]


def line_of(row):
    theirs = cells(row["terraform"])
    if row["recorded"]:
        theirs[0] += " *"
    ratio = f"{row['ratio']:,.0f}" if row["ratio"] else "-"
    goal = f"{row['goal']}" if row["goal"] else ""
    return "| " + " | ".join([row["stack"], row["step"], *theirs, *cells(row["skyform"]), ratio, goal]) + " |"


def alone(args):
    rows = []
    for shape, n in ALONE:
        if args.only and f"{shape}-{n}" not in args.only:
            continue
        ours = steps_of(args.skyform, shape, n, args.repeat, [])
        rows.append({"stack": f"{shape} {n:,}", **{step: ours[step] for step in STEPS}})
        print(line_alone(rows[-1]), flush=True)
    return rows


def line_alone(row):
    figures = [f"{seconds(row[step][0])} ({seconds(row[step][1])}), {megabytes(row[step][2])}" for step in STEPS]
    return f"| {row['stack']} | " + " | ".join(figures) + " |"


def growth(rows):
    """The exponent of n between 10,000 and 100,000 instances, for each step."""
    by_stack = {row["stack"]: row for row in rows}
    small, large = by_stack.get("count 10,000"), by_stack.get("count 100,000")
    if not (small and large):
        return None
    return {step: math.log10(large[step][1] / small[step][1]) for step in STEPS}


def markdown(report):
    compared = "recorded wall clock on an idle machine"
    if report["busy"]:
        compared += ", divided by our processor time"
    lines = [
        "| stack | step | terraform: wall | processor | memory | skyform: wall | processor | memory | ratio | goal |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *[line_of(row) for row in report["compared"]],
        "",
        f"\\* {compared}; it takes minutes, `--slow` measures it.",
        "",
        "Wall clock, processor time in brackets, and memory of larger ones:",
        "",
        "| stack | plan | apply | no-op plan |",
        "| --- | --- | --- | --- |",
        *[line_alone(row) for row in report["alone"]],
    ]
    if report["growth"]:
        grown = ", ".join(f"{step} n^{exponent:.2f}" for step, exponent in report["growth"].items())
        lines += ["", f"Processor time from 10,000 to 100,000 instances: {grown}."]
        wall, processor, _ = report["start_up"]
        lines += [f"Start-up (`version`): {seconds(wall)}, {seconds(processor)} of it processor time."]
    return "\n".join(lines) + "\n"


def insert(path, text):
    """Puts the tables between the marks in a Markdown file."""
    begin, end = "<!-- figures -->\n", "<!-- end of figures -->"
    page = path.read_text()
    head, rest = page.split(begin, 1)
    tail = rest.split(end, 1)[1]
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("skyform")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="such as count-5000")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--busy", action="store_true", help="the machine does other things, too")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    args = parser.parse_args()
    args.skyform = os.path.abspath(args.skyform)
    terraform = shutil.which("terraform")
    if terraform is None:
        print("bench: terraform is not on PATH: only recorded figures are compared with")
    start_up = best([measure([args.skyform, "version"], ".") for _ in range(50)])
    report = {"busy": args.busy, "start_up": start_up, "compared": compare(args, terraform), "alone": alone(args)}
    report["growth"] = growth(report["alone"])
    print(f"start-up {seconds(start_up[0])}; growth {report['growth']}")
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    if args.markdown:
        insert(args.markdown, markdown(report))
    missed = [row for row in report["compared"] if row["goal"] and (row["ratio"] or 0) < row["goal"]]
    for row in missed:
        print(f"bench: {row['stack']} {row['step']} misses its goal of {row['goal']}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
