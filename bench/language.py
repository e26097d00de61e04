#!/usr/bin/env python3
"""Runs skyform and terraform on big configurations and compares what reading, evaluating and formatting takes.

    language.py SKYFORM [--repeat N]

- locals: 10 MB with 50,000 local values, each with a template, a function and a reference to the one before;
  `validate` evaluates them all. Terraform gets a tenth of it: its time grows faster than the size, so ten times its
  figure is less than it would need.
- modules: `validate` of bench/gen.py's 5,000 resources in modules.
- fmt: 5 MB of configuration that has to be changed in every line.

Each figure is the best of N runs: wall clock, processor time and peak memory of the process.
"""

import argparse
import os
import pathlib
import shutil
import tempfile

import gen
from run import best, measure

LOCALS = 50_000
MEGABYTES = {"locals": 10, "fmt": 5}
# Terraform reads the first of so many parts.
SHARE = 10
CASES = {
    "locals": "validate, 10 MB with 50,000 locals *",
    "modules": "validate, modules 5,000",
    "fmt": "fmt, 5 MB",
}


def write_locals(folder, count, size):
    """`count` local values in files of a thousand, padded to `size` bytes in all."""
    padding = max(0, size // count - 113)
    for start in range(0, count, 1000):
        lines = ["locals {"]
        for number in range(start, min(start + 1000, count)):
            before = f"length(local.v{number - 1}.name)" if number else "0"
            text = f"value {number} " + "x" * padding
            lines.append(
                f'  v{number} = {{ name = upper("{text}-${{{number} + 1}}"), before = {before}, list = [{number}, true] }}'
            )
        lines.append("}")
        pathlib.Path(folder, f"locals{start:06}.tf").write_text("\n".join(lines) + "\n")


def write_unformatted(folder, size):
    """Blocks that `fmt` changes in each line."""
    block = (
        'resource   "terraform_data"   "r{n}"   {{\n'
        "triggers_replace=[local.a,   {n},\"x${{ local.b }}\"]\n"
        "      input   =   {{\n  name=\"n{n}\"\n     longer_name   =   {n}+1*2\n  }}\n"
        "   lifecycle{{\n create_before_destroy=true\n  }}\n}}\n\n"
    )
    text, number = [], 0
    length = 0
    while length < size:
        text.append(block.format(n=number))
        length += len(text[-1])
        number += 1
    pathlib.Path(folder, "main.tf").write_text("".join(text))


def run(program, case, repeat):
    """The best figures of a case for one program."""
    is_terraform = os.path.basename(program) == "terraform"
    figures = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            if case == "locals":
                share = SHARE if is_terraform else 1
                write_locals(folder, LOCALS // share, MEGABYTES["locals"] * 1_000_000 // share)
            elif case == "modules":
                gen.write("modules", 5000, folder)
            else:
                write_unformatted(folder, MEGABYTES["fmt"] * 1_000_000)
            if is_terraform and case != "fmt":
                measure([program, "init"], folder)
            figures.append(measure([program, "fmt" if case == "fmt" else "validate"], folder))
    return best(figures)


def cells(figures):
    wall, cpu, memory = figures
    return f"{wall:.2f} s | {cpu:.2f} s | {memory:.0f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("skyform")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    terraform = shutil.which("terraform")
    if terraform is None:
        print("NOT COMPARED: terraform is not on PATH")
    print(f"load at the start: {os.getloadavg()[0]:.1f}\n")
    print("| case | terraform: wall | processor | memory | skyform: wall | processor | memory | ratio: wall | processor |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for case, name in CASES.items():
        ours = run(options.skyform, case, options.repeat)
        theirs, ratios = "- | - | -", "- | -"
        if terraform:
            found = run(terraform, case, min(options.repeat, 2))
            theirs = cells(found)
            share = SHARE if case == "locals" else 1
            ratios = " | ".join(f"{found[of] / ours[of] * share:.0f}" for of in (0, 1))
        print(f"| {name} | {theirs} | {cells(ours)} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
