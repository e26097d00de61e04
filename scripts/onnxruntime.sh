#!/usr/bin/env bash
# Fetches the ONNX Runtime library into the project's cache, once, and prints its path.
#
# Tests of models that the embedded runtime cannot run need it. It is the library within the
# Python wheel; nothing is installed. What it does is said on standard error; where the wheel is
# not to be had, it says so and prints nothing.
set -euo pipefail

version=1.32.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/skyform/onnxruntime/$version"

if [ -n "${ORT_DYLIB_PATH:-}" ]; then
    echo "$ORT_DYLIB_PATH"
    exit 0
fi
find_library() {
    find "$cache" -maxdepth 1 -name 'libonnxruntime.*' -print -quit 2>/dev/null || true
}
if [ -n "$(find_library)" ]; then
    find_library
    exit 0
fi
if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "onnxruntime: NOT FETCHED: python3 -m pip is not there" >&2
    exit 0
fi
echo "onnxruntime: fetching the wheel of onnxruntime $version (28 MB) into $cache" >&2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$scratch" "onnxruntime==$version" >&2; then
    echo "onnxruntime: NOT FETCHED: there is no such wheel for this machine, or no network" >&2
    exit 0
fi
python3 -m zipfile -e "$scratch"/onnxruntime-*.whl "$scratch/wheel"
library=$(find "$scratch/wheel/onnxruntime/capi" \( -name 'libonnxruntime.so*' -o -name 'libonnxruntime*.dylib' \) -print -quit)
if [ -z "$library" ]; then
    echo "onnxruntime: NOT FETCHED: the wheel has no library" >&2
    exit 0
fi
# Moved in whole, so that a broken-off run leaves nothing half done.
mkdir -p "$cache"
cp "$library" "$cache/.unfinished.$$"
mv "$cache/.unfinished.$$" "$cache/$(basename "$library")"
find_library
