#!/usr/bin/env python3
"""Writes a root module of a given shape and size.

    gen.py SHAPE N DIR

count    one terraform_data resource with count = N
layers   N resources declared one by one, in layers of 50; each reads 3 of the layer before
modules  N/100 module calls of 100 resources each, chained by an output
"""

import pathlib
import sys

WIDTH = 50


def count(n):
    return {"main.tf": f'resource "terraform_data" "r" {{\n  count = {n}\n  input = "v-${{count.index}}"\n}}\n'}


def layers(n):
    blocks = []
    for index in range(n):
        layer, place = divmod(index, WIDTH)
        value = f'"v-{index}"'
        if layer > 0:
            needs = [(layer - 1) * WIDTH + (place + step) % WIDTH for step in (0, 1, 7)]
            parts = ", ".join(f"substr(terraform_data.r{need}.input, 0, 8)" for need in needs)
            value = f'join("-", [{parts}])'
        blocks.append(f'resource "terraform_data" "r{index}" {{\n  input = {value}\n}}\n')
    return {"main.tf": "\n".join(blocks)}


def modules(n):
    stack = """variable "tag" {
  type = string
}

resource "terraform_data" "r" {
  count = 100
  input = "${var.tag}-${count.index}"
}

output "tag" {
  value = terraform_data.r[0].input
}
"""
    calls = []
    for index in range(max(1, n // 100)):
        tag = f"module.m{index - 1}.tag" if index % 5 else f'"t{index}"'
        calls.append(f'module "m{index}" {{\n  source = "./stack"\n  tag    = {tag}\n}}\n')
    return {"main.tf": "\n".join(calls), "stack/main.tf": stack}


SHAPES = {"count": count, "layers": layers, "modules": modules}


def write(shape, n, folder):
    for name, text in SHAPES[shape](n).items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in SHAPES:
        sys.exit(__doc__)
    write(sys.argv[1], int(sys.argv[2]), sys.argv[3])
