#!/usr/bin/env bash
# Builds a release and compares it with terraform on generated stacks; see docs/reference/performance.md.
#     scripts/bench.sh [--repeat N] [--only count-5000 ...] [--slow] [--markdown docs/reference/performance.md]
set -euo pipefail

cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/skyform/target}
CARGO_TARGET_DIR=$target cargo build --release --quiet --bin skyform
exec python3 bench/run.py "$target/release/skyform" "$@"
