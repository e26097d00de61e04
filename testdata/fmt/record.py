#!/usr/bin/env python3
"""Writes NAME.out beside each NAME.in: what `terraform fmt` makes of it.

Needs `terraform` on PATH. The crate test `syntax::fmt::tests` formats each NAME.in and compares to the byte.
"""
import os, pathlib, subprocess, sys, tempfile

env = dict(os.environ, TF_CLI_CONFIG_FILE=os.devnull, NO_COLOR="1", CHECKPOINT_DISABLE="1")
here = pathlib.Path(__file__).parent
for source in sorted(here.glob("*.in")):
    if source.with_suffix(".out").exists() and "--all" not in sys.argv:
        continue
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "main.tf"
        target.write_bytes(source.read_bytes())
        run = subprocess.run(["terraform", "fmt", str(target)], env=env, capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{source.name}: {run.stderr}")
        source.with_suffix(".out").write_bytes(target.read_bytes())
