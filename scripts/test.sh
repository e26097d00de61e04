#!/usr/bin/env bash
# Runs all tests. The runner's own summary comes last.
set -euo pipefail

cargo xtask tidy
if command -v terraform >/dev/null; then
    echo "test: terraform is here: the differential tests compare with it"
else
    echo "test: NOT RUN: terraform is not on PATH, so nothing is compared with it"
fi
if cargo nextest --version >/dev/null 2>&1; then
    cargo test --quiet --workspace --doc
    exec cargo nextest run --workspace --no-fail-fast
fi
exec cargo test --workspace
