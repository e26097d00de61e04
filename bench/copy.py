"""Copies beside rclone and `aws s3 sync`: `bench/copy.py [--small N] [--large N] [--rounds N]`.

Servers are two of s3s-fs, on free ports of this machine: `cargo install s3s-fs --version 0.14.1
--features binary --root ~/.cache/skyform/s3s`. rclone is Debian's package. Whatever is not there is
said and left out. Programs take turns within each round; the best round counts, by wall clock, with the
CPU seconds of that round and the most memory of all. Prints a Markdown table.

Everything lies in memory where there is /dev/shm (`--folder` names another place; the whole takes
4.3 GiB): on a disk most of what is measured is how fast the server's file system makes files.
"""

import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
MIB = 1 << 20


class Server:
    """An S3 server over a folder."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.root = folder
        folder.mkdir()
        program = CACHE / "skyform/s3s/bin/s3s-fs"
        if not program.exists():
            sys.exit(f"{program} is not there; see the head of this file")
        options = ["--host", "127.0.0.1", "--port", str(self.port)]
        keys = ["--access-key", "key", "--secret-key", "secret"]
        self.process = subprocess.Popen(
            [program, *options, *keys, folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("the server does not listen")

    def empty(self, bucket):
        shutil.rmtree(self.root / bucket, ignore_errors=True)
        for left in self.root.glob(".upload*"):
            left.unlink()
        (self.root / bucket).mkdir()


def fill(folder, number, size):
    """Files that no program can make smaller."""
    folder.mkdir(parents=True)
    for at in range(number):
        with open(folder / f"{at // 1000:03}-{at:05}.bin", "wb") as file:
            for _ in range(max(1, size // MIB)):
                file.write(os.urandom(min(size, MIB)))


def timed(command, environment):
    """Seconds, CPU seconds, and the most memory in MiB; none if it failed, which is said."""
    report = tempfile.NamedTemporaryFile("r")
    line = ["/usr/bin/time", "-f", "%e %U %S %M", "-o", report.name, *map(str, command)]
    ran = subprocess.run(line, env=environment, capture_output=True, text=True)
    if ran.returncode != 0:
        print(f"{command[0]} failed:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}", file=sys.stderr)
        return None
    wall, user, system, memory = map(float, report.read().split())
    return wall, user + system, memory / 1024


def skyform(program):
    def command(source, target, servers, state):
        options = []
        if source.startswith("s3://"):
            options.append(f"-source-endpoint={servers[0].url}")
        if target.startswith("s3://"):
            options.append(f"-destination-endpoint={servers[1].url}")
        # A record of its own each time: nothing is known from the round before.
        environment = {**os.environ, **KEYS, "XDG_STATE_HOME": tempfile.mkdtemp(dir=state)}
        return [program, "copy", source, target, *options], environment

    return command


def rclone(source, target, servers, state):
    del state

    def place(text, server):
        if not text.startswith("s3://"):
            return text
        settings = f"provider=Other,env_auth=true,region=us-east-1,endpoint='{server.url}'"
        return f":s3,{settings}:{text[5:]}"

    places = [place(source, servers[0]), place(target, servers[1])]
    environment = {**os.environ, **KEYS, "RCLONE_CONFIG": "/dev/null"}
    # It cannot read this one, and needs it for nothing here.
    environment.pop("AWS_CA_BUNDLE", None)
    return ["rclone", "copy", *places, "--transfers=64", "--checkers=64"], environment


def awscli(source, target, servers, state):
    del state
    # It knows one server only, so it takes no part where there are two.
    if source.startswith("s3://"):
        return None
    options = ["--endpoint-url", servers[1].url, "--only-show-errors"]
    return ["aws", "s3", "sync", source, target, *options], {**os.environ, **KEYS}


def whole(server, bucket, files):
    """Whether all of it has arrived."""
    found = [path for path in (server.root / bucket).rglob("*.bin") if path.is_file()]
    return len(found) == len(files) and all(
        (server.root / bucket / path.name).stat().st_size == path.stat().st_size for path in files
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000, help="objects of 10 KiB")
    parser.add_argument("--large", type=int, default=4, help="objects of 512 MiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--program", default=ROOT / "target/release/skyform")
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    parser.add_argument("--folder", default=memory, help="where data and servers' folders are")
    options = parser.parse_args()
    programs = {"skyform": skyform(options.program)}
    for name, command in {"rclone": rclone, "aws s3 sync": awscli}.items():
        if shutil.which(name.split()[0]):
            programs[name] = command
        else:
            print(f"{name} is not here (Debian: rclone; pip: awscli)", file=sys.stderr)
    base = pathlib.Path(tempfile.mkdtemp(prefix="skyform-copy-", dir=options.folder))
    servers = []
    try:
        sets = {"small": (options.small, 10 * 1024), "large": (options.large, 512 * MIB)}
        for name, (number, size) in sets.items():
            if number:
                fill(base / name, number, size)
        servers = [Server(base / "one"), Server(base / "two")]
        rows = []
        for name, (number, size) in sets.items():
            if not number:
                continue
            files = sorted((base / name).iterdir())
            servers[0].empty(name)
            for path in files:
                os.link(path, servers[0].root / name / path.name)
            for way, source in {"folder to S3": str(base / name), "S3 to S3": f"s3://{name}"}.items():
                measured = {program: [] for program in programs}
                for _ in range(options.rounds):
                    for program, command in programs.items():
                        made = command(source, f"s3://{name}", servers, base)
                        if made is None:
                            continue
                        servers[1].empty(name)
                        ran = timed(*made)
                        if ran is None:
                            continue
                        measured[program].append(ran)
                        if not whole(servers[1], name, files):
                            sys.exit(f"{program} did not copy everything")
                rows.append((f"{number} x {size // 1024} KiB, {way}", number * size, measured))
        print(table(rows, options.rounds))
        print(f"\nLoad (1, 5, 15 minutes): {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()
        shutil.rmtree(base, ignore_errors=True)


def table(rows, rounds):
    lines = [
        f"Best of {rounds}, programs in turns; ratio: skyform's rate to the other's.",
        "",
        "| what | program | seconds | MiB/s | CPU seconds | memory MiB | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for what, size, measured in rows:
        best = {program: min(runs) for program, runs in measured.items() if runs}
        if "skyform" not in best:
            sys.exit("skyform failed each time")
        for program, (wall, cpu, _) in best.items():
            memory = max(run[2] for run in measured[program])
            ratio = wall / best["skyform"][0]
            rate = size / MIB / wall
            lines.append(
                f"| {what} | {program} | {wall:.2f} | {rate:.0f} | {cpu:.2f} | {memory:.0f} | {ratio:.2f} |"
            )
    return re.sub(r"\| 1\.00 \|$", "| |", "\n".join(lines))


if __name__ == "__main__":
    main()
