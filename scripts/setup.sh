#!/usr/bin/env bash
# Installs what a build needs where it is missing, and says what it does. Quiet where nothing is.
set -euo pipefail

if ! command -v cargo >/dev/null; then
    echo "setup: Rust is missing. Install it with rustup, then try again." >&2
    exit 1
fi

missing=()
command -v cmake >/dev/null || missing+=(cmake)
command -v c++ >/dev/null || missing+=(g++)
# The solver's bindings are generated while it is built, which takes libclang.
# (libclang-cpp is another library, which comes with other packages.)
clang=$(find -L /usr/lib -maxdepth 4 \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' \) -print -quit 2>/dev/null || true)
[ -n "$clang" ] || missing+=(libclang-dev)
[ "${#missing[@]}" -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: missing: ${missing[*]}. Install them with this system's package manager, then try again." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: missing: ${missing[*]}. Run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]} (needed to build the solver HiGHS)"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
