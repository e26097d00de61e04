"""Compares the placement step with HiGHS on the plain formulation and with OR-Tools CP-SAT.

    python bench/placement/run.py [--limit SECONDS] [--sizes NAME...] [--cpsat]

Makes a virtual environment under the user's cache folder with pinned highspy and ortools, builds the
Rust example, and prints a table with ratios. All in one run, one after another.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
VENV = CACHE / "skyform" / "bench-placement"
PINNED = ["highspy==1.11.0", "ortools==9.14.6206", "numpy==2.2.6"]


def python():
    """The interpreter of the environment, made where it is missing."""
    interpreter = VENV / "bin" / "python"
    stamp = VENV / "pinned"
    wanted = "\n".join(PINNED)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([VENV / "bin" / "pip", "install", "-q", *PINNED], check=True)
        stamp.write_text(wanted)
    return interpreter


def ours(example, file, limit, gap, again=False):
    """Rows of `name, cost, bound, gap, seconds`."""
    arguments = [example, file, str(limit), str(gap)] + (["again"] if again else [])
    text = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    rows = []
    for line in text.splitlines():
        name, *numbers = line.split()
        rows.append((name, *map(float, numbers[-4:])))
    return rows


def peer(interpreter, name, file, limit, gap):
    arguments = [interpreter, HERE / "peers.py", name, file, str(limit), str(gap)]
    text = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    return tuple(map(float, text.split()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--sizes", nargs="*")
    parser.add_argument("--gaps", nargs="*", type=float, default=[0.01, 0.005, 0.001])
    parser.add_argument("--cpsat", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import generate

    interpreter = python()
    build = ["cargo", "build", "--release", "-p", "skyform-placement", "--example", "bench"]
    example = os.environ.get("SKYFORM_BENCH")
    if example is None:
        subprocess.run(build, check=True, cwd=ROOT)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        example = target / "release" / "examples" / "bench"
    print("| program | asked gap | plain HiGHS | ours | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for size in options.sizes or generate.SIZES:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(generate.named(size))
            file.flush()
            for gap in options.gaps:
                cost, bound, seconds = peer(interpreter, "highs", file.name, options.limit, gap)
                row = ours(example, file.name, options.limit, gap)[0]
                theirs = f"{seconds:.2f} s, gap {(cost - bound) / cost:.3%}"
                own = f"{row[4]:.2f} s, gap {row[3]:.3%}"
                ratio = f"{seconds / row[4]:.1f}" if row[4] else "-"
                print(f"| {size} | {gap:.2%} | {theirs} | {own} | {ratio} |", flush=True)
            if options.cpsat:
                cost, bound, seconds = peer(interpreter, "cpsat", file.name, options.limit, 0)
                row = ours(example, file.name, options.limit, 0)[0]
                print(
                    f"| {size} | optimum | CP-SAT {cost:.2f} (bound {bound:.2f}), {seconds:.2f} s "
                    f"| {row[1]:.2f} (bound {row[2]:.2f}), {row[4]:.2f} s | {seconds / row[4]:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
