#!/usr/bin/env bash
# Runs all tests. The runner's own summary comes last.
set -euo pipefail

cargo xtask tidy
if command -v terraform >/dev/null; then
    echo "test: terraform is here: the differential tests compare with it"
else
    echo "test: NOT RUN: terraform is not on PATH, so nothing is compared with it"
fi
ORT_DYLIB_PATH=$(bash scripts/onnxruntime.sh)
export ORT_DYLIB_PATH
if [ -n "$ORT_DYLIB_PATH" ]; then
    echo "test: models are run with ONNX Runtime too: $ORT_DYLIB_PATH"
else
    echo "test: NOT RUN: there is no ONNX Runtime library, so no model is run with it"
fi
bash scripts/emulators.sh >/dev/null
if cargo nextest --version >/dev/null 2>&1; then
    cargo test --quiet --workspace --doc
    exec cargo nextest run --workspace --no-fail-fast
fi
exec cargo test --workspace
