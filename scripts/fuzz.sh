#!/usr/bin/env bash
# Runs the fuzz targets, one after the other; FUZZ_SECONDS each (600), TARGETS the ones to run (all).
# Takes the built program as argument: it makes a plan file and a journal to begin from.
# What is found is kept in the cache folder; the last line of a target's output names it.
set -euo pipefail

program=$1
seconds=${FUZZ_SECONDS:-600}
targets=${TARGETS:-syntax template expression json state journal plan}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/skyform/fuzz
tools=$cache/tools
if ! command -v cargo-fuzz >/dev/null && [ ! -x "$tools/bin/cargo-fuzz" ]; then
    echo "fuzz: installing cargo-fuzz into $tools"
    cargo install --quiet --locked --root "$tools" --version 0.13.2 cargo-fuzz
fi
PATH=$tools/bin:$PATH

# What the tests read is where the targets begin.
seed() { mkdir -p "$cache/corpus/$1" && cp "$2" "$cache/corpus/$1/$3"; }
while read -r file; do
    name=$(sha256sum <<<"$file" | cut -c1-16)
    case $file in
        *.tf.json) seed json "$file" "$name" ;;
        *.tfstate) seed state "$file" "$name" ;;
        *.tmpl | *.tftpl) seed template "$file" "$name" ;;
        *) seed syntax "$file" "$name" ;;
    esac
done < <(find testdata -type f \( -name '*.tf' -o -name '*.hcl' -o -name '*.tf.json' -o -name '*.tfstate' -o -name '*.tmpl' -o -name '*.tftpl' \) -size -32k)
python3 - "$cache/corpus" <<'PYTHON'
import hashlib, json, pathlib, sys
for target in ("expression", "template"):
    (pathlib.Path(sys.argv[1]) / target).mkdir(parents=True, exist_ok=True)
for file in pathlib.Path("testdata/spec/expressions").glob("*.jsonl"):
    for line in file.read_text().splitlines():
        text = json.loads(line)["expr"]
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        (pathlib.Path(sys.argv[1]) / "expression" / name).write_text(text)
        (pathlib.Path(sys.argv[1]) / "template" / name).write_text("a${" + text + "}b")
PYTHON

# A plan, and the journal of an apply that was killed.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp fuzz/stack.tf "$folder/main.tf"
(
    cd "$folder"
    "$program" plan -out=plan
    "$program" apply -auto-approve || true
) >/dev/null 2>&1
seed plan "$folder/plan" stack
for journal in "$folder"/*journal*; do seed journal "$journal" stack; done

failed=()
for target in $targets; do
    echo "fuzz: $target, $seconds s"
    mkdir -p "$cache/corpus/$target" "$cache/found/$target"
    cargo fuzz run --sanitizer none --target-dir "$cache/target" "$target" "$cache/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$cache/found/$target/" 2>&1 | tail -n 40 | tee "$cache/$target.log" | grep -E 'number_of_executed|Done|panicked|SUMMARY|Test unit' ||
        failed+=("$target")
    if grep -q 'SUMMARY\|panicked' "$cache/$target.log"; then failed+=("$target"); fi
done
if [ "${#failed[@]}" -gt 0 ]; then
    echo "fuzz: found something in: ${failed[*]}; see $cache/found and $cache/TARGET.log" >&2
    exit 1
fi
echo "fuzz: nothing found"
