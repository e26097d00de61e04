#!/usr/bin/env python3
"""Records what `terraform validate` says about small root modules.

    record.py modules.jsonl     fills in "valid" and "errors" of each line

Each line is {"name", "files", "valid", "errors"}: files by path, and the summaries of Terraform's errors. Needs
`terraform` on PATH. The test `validate::modules_are_valid_or_not_as_recorded` compares whether they are valid.
"""
import concurrent.futures, json, os, pathlib, subprocess, sys, tempfile

env = dict(os.environ, TF_CLI_CONFIG_FILE=os.devnull, NO_COLOR="1", CHECKPOINT_DISABLE="1")


def record(row):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in row["files"].items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        def run(*arguments):
            return subprocess.run(["terraform", *arguments], cwd=folder, env=env, capture_output=True, text=True)
        init = run("init", "-backend=false")
        said = json.loads(run("validate", "-json").stdout)
        errors = [d["summary"] for d in said["diagnostics"] if d["severity"] == "error"]
        return dict(row, valid=said["valid"] and init.returncode == 0, errors=errors)


path = pathlib.Path(sys.argv[1])
rows = [json.loads(line) for line in path.read_text().splitlines()]
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    recorded = list(pool.map(record, rows))
path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in recorded))
