#!/usr/bin/env python3
"""Compares what two programs say about generated expressions.

    compare.py OURS COUNT [SEED] [DEPTH]     COUNT expressions; `terraform` has to be on PATH
    compare.py OURS FILE                     those of a file, one a line

Prints each expression whose text, type or failure differs, and how many did.
"""
import concurrent.futures, pathlib, sys
import batch, generate


def chunks(items, size=150):
    return [items[at:at + size] for at in range(0, len(items), size)]


def main(ours, what, *rest):
    if what.isdigit():
        expressions = list(generate.expressions(int(what), *(int(given) for given in rest)))
    else:
        expressions = pathlib.Path(what).read_text().splitlines()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        theirs = [pool.submit(batch.evaluate, "terraform", part) for part in chunks(expressions)]
        here = [pool.submit(batch.evaluate, ours, part) for part in chunks(expressions)]
        pairs = [pair for left, right in zip(theirs, here) for pair in zip(left.result(), right.result())]
    differ, good = 0, 0
    for their, our in pairs:
        good += their["ok"]
        keys = ("ok", "text", "type") if their["ok"] else ("ok",)
        if any(their.get(key) != our.get(key) for key in keys):
            differ += 1
            print(their["expr"])
            for name, row in (("terraform", their), ("here", our)):
                said = f'{row["text"]}    {row["type"]}' if row["ok"] else row["error"]
                print(f"    {name:9} {' '.join(said.split())[:300]}")
    print(f"{differ} of {len(pairs)} differ; {good} have a value")
    return differ


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
