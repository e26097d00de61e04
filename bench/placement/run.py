"""Compares the placement step with HiGHS on the plain formulation and with OR-Tools CP-SAT.

    python bench/placement/run.py [--quick] [--sizes NAME...] [--middle COUNT]

Makes a virtual environment under the user's cache folder with pinned highspy and ortools, builds the
Rust example, and prints Markdown tables; about 30 minutes, 6 with --quick. Each row's runs follow each
other, and the plain solver gets as much processor time as ours took: on a busy machine, too, the
columns are about the same amount of work.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
VENV = CACHE / "skyform" / "bench-placement"
PINNED = ["highspy==1.11.0", "ortools==9.14.6206", "numpy==2.2.6"]

# Seconds on the clock that ours gets, by size.
LIMITS = {
    "small": [1, 5],
    "100x200": [2, 10, 30],
    "100x200-cover": [2, 10, 30],
    "100x200-egress": [2, 10, 30],
    "500x500": [10, 60],
    "2000x1000": [20, 60],
}
QUICK = {"small": [2], "100x200": [5], "100x200-cover": [5], "100x200-egress": [5], "500x500": [15], "2000x1000": [20]}


# Gaps that are looked for, and the most seconds for each.
GAPS = {
    "small": ([0.01, 0.002], 10),
    "100x200": ([0.01, 0.0045, 0.002], 30),
    "100x200-cover": ([0.0045, 0.0001], 30),
    "100x200-egress": ([0.01, 0.001], 30),
    "500x500": ([0.02, 0.004], 60),
    "2000x1000": ([0.01, 0.002], 60),
}
QUICK_GAPS = {
    "small": ([0.01, 0.002], 10),
    "100x200": ([0.01, 0.0045], 15),
    "100x200-cover": ([0.0045, 0.0001], 20),
    "100x200-egress": ([0.01, 0.001], 10),
}


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


def example():
    """The built example."""
    if "SKYFORM_BENCH" in os.environ:
        return os.environ["SKYFORM_BENCH"]
    build = ["cargo", "build", "--release", "-p", "skyform-placement", "--example", "bench"]
    subprocess.run(build, check=True, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "examples" / "bench"


def run(arguments):
    """Output, processor seconds and the most memory in MiB."""
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(list(map(str, arguments)), stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{arguments[0]} failed")
        out.seek(0)
        return out.read(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(binary, file, limit, gap, *more):
    """Rows of `name, cost, bound, gap, seconds`, processor seconds and memory."""
    text, cpu, memory = run([binary, file, limit, gap, *more])
    rows = []
    for line in text.splitlines():
        name, *numbers = line.split()
        # Without a solution there is no cost: the row is shorter.
        numbers = [number for number in numbers if number not in ("unsolved", "infeasible")]
        rows.append((name, *map(float, numbers[-4:])))
    return rows, cpu, memory


def peer(interpreter, name, file, limit, gap, cpu=""):
    """The states of a peer's search: `seconds, cpu seconds, cost, bound`."""
    arguments = [interpreter, HERE / "peers.py", name, file, limit, gap] + ([cpu] if cpu else [])
    return [tuple(map(float, line.split())) for line in run(arguments)[0].splitlines()]


def gap_of(cost, bound):
    return (cost - bound) / cost if 0 < cost < 1e29 else float("inf")


def percent(gap):
    return "-" if gap == float("inf") else f"{gap:.2%}"


def written(text):
    """The program in a file that stays as long as the object does."""
    file = tempfile.NamedTemporaryFile("w", suffix=".txt")
    file.write(text)
    file.flush()
    return file


def compare_sizes(binary, interpreter, generate, limits):
    print("| program | seconds | cpu seconds | plain HiGHS: cost, gap | ours: cost, gap | cost, ours to plain | MiB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size, seconds in limits.items():
        with written(generate.named(size)) as file:
            for limit in seconds:
                [(_, cost, bound, gap, taken)], cpu, memory = ours(binary, file.name, limit, 0.0001)
                states = peer(interpreter, "highs", file.name, 8 * limit + 60, 0.0001, cpu)
                _, _, plain, plain_bound = states[-1]
                shown = "none" if plain > 1e29 else f"{plain:,.0f}"
                ratio = "-" if plain > 1e29 else f"{cost / plain:.4f}"
                print(
                    f"| {size} | {taken:.1f} | {cpu:.1f} | {shown}, {percent(gap_of(plain, plain_bound))} "
                    f"| {cost:,.0f}, {percent(gap)} | {ratio} | {memory:,.0f} |",
                    flush=True,
                )


def compare_gaps(binary, interpreter, generate, gaps):
    """Processor seconds until a gap is proven: ours stopped at it, and the plain solver's first state within it."""
    print("\n| program | gap | ours: cpu seconds (on the clock) | plain HiGHS: cpu seconds | ours to plain |")
    print("| --- | --- | --- | --- | --- |")
    for size, (wanted, limit) in gaps.items():
        with written(generate.named(size)) as file:
            rows = []
            for gap in wanted:
                [(_, _, _, reached, taken)], cpu, _ = ours(binary, file.name, limit, gap)
                rows.append((gap, reached, taken, cpu))
            most = max(cpu for *_, cpu in rows)
            # Three times as long as ours took, that it can be seen by how much ours is faster.
            states = peer(interpreter, "highs", file.name, 8 * limit + 60, min(wanted), 3 * most)
        for gap, reached, taken, cpu in rows:
            first = next((at for _, at, cost, bound in states if gap_of(cost, bound) <= gap), None)
            is_there = reached <= gap + 1e-6
            own = f"{cpu:.2f} ({taken:.2f})" if is_there else f"not in {cpu:.1f}: {reached:.2%}"
            last = percent(gap_of(*states[-1][2:]))
            plain = f"{first:.2f}" if first is not None else f"not in {states[-1][1]:.1f}: {last}"
            ratio = "-"
            if is_there:
                ratio = f"{cpu / first:.2f}" if first is not None else f"< {cpu / states[-1][1]:.2f}"
            print(f"| {size} | {gap:.2%} | {own} | {plain} | {ratio} |", flush=True)


def small_stacks(binary, generate, count):
    """Times of many small programs: proven, to a gap of 1 %, and the gap that 50 ms leave."""
    print("\n| programs | what is asked | within 50 ms | ms: median, 95 of 100 | cpu ms: median, 95 of 100 | gap left: median, 95 of 100 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size in ["stack", "small"]:
        for name, limit, gap in [("proof, 2 s", 2, 0), ("gap of 1 %", 2, 0.01), ("best in 50 ms", 0.05, 0)]:
            if size == "small" and gap == 0 and limit == 2 and count > 20:
                tried = count // 5
            else:
                tried = count
            times, work, left = [], [], []
            for seed in range(1, tried + 1):
                with written(generate.named(size, seed)) as file:
                    rows, cpu, _ = ours(binary, file.name, limit, gap)
                # Nothing found in time leaves everything open.
                left.append(rows[0][3] if len(rows[0]) == 5 else 1.0)
                times.append(rows[0][-1] * 1000)
                work.append(cpu * 1000)
            times.sort()
            work.sort()
            left.sort()
            at = lambda part, values: values[min(int(part * len(values)), len(values) - 1)]
            fast = sum(1 for time in times if time <= 50)
            print(
                f"| {tried} {size} | {name} | {fast} | {at(0.5, times):.0f}, {at(0.95, times):.0f} "
                f"| {at(0.5, work):.0f}, {at(0.95, work):.0f} "
                f"| {at(0.5, left):.2%}, {at(0.95, left):.2%} |",
                flush=True,
            )


def compare_optima(binary, interpreter, generate, count, seconds):
    """Costs beside CP-SAT's proven optima."""
    begun, equal, proven, tried, times = time.time(), 0, 0, 0, ([], [])
    for seed in range(1, count + 1):
        if time.time() - begun > seconds:
            break
        with written(generate.named("middle", seed)) as file:
            [(_, _, cost, bound)] = peer(interpreter, "cpsat", file.name, 20, 0)
            rows, cpu, _ = ours(binary, file.name, 20, 0)
        tried += 1
        if gap_of(cost, bound) > 1e-9:
            continue
        proven += 1
        equal += abs(rows[0][1] - cost) <= 1e-6 * cost
        times[0].append(rows[0][4])
        times[1].append(cpu)
    print(f"\nOf {tried} programs of 8 tasks x 20 offers CP-SAT proved {proven} optima; ours found {equal} of them", end="")
    if proven:
        middle = sorted(times[0])[proven // 2]
        print(f" (median {middle:.3f} s, cpu {sorted(times[1])[proven // 2]:.3f} s)", end="")
    print(".", flush=True)


def warm(binary, generate):
    """The same again after a price has changed: from nothing, and from the decision before."""
    print("\n| program | cold: seconds | warm: seconds | cold to warm |")
    print("| --- | --- | --- | --- |")
    for size in ["middle", "small"]:
        cold, again = [], []
        with written(generate.named(size)) as file:
            for _ in range(3):
                rows, _, _ = ours(binary, file.name, 10, 0.01, "again")
                cold.append(rows[1][4])
                again.append(rows[2][4])
        print(f"| {size} | {min(cold):.3f} | {min(again):.3f} | {min(cold) / min(again):.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sizes", nargs="*")
    parser.add_argument("--middle", type=int, default=100, help="programs beside CP-SAT")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import generate

    interpreter, binary = python(), example()
    limits = QUICK if options.quick else LIMITS
    if options.sizes is not None:
        limits = {size: limits[size] for size in options.sizes}
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} at the start; best of what each found.\n")
    compare_sizes(binary, interpreter, generate, limits)
    compare_gaps(binary, interpreter, generate, QUICK_GAPS if options.quick else GAPS)
    small_stacks(binary, generate, 40 if options.quick else 200)
    compare_optima(binary, interpreter, generate, options.middle, 60 if options.quick else 900)
    warm(binary, generate)


if __name__ == "__main__":
    main()
