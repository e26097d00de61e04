#!/usr/bin/env bash
# Shows the main job in a scratch folder: place, plan, apply, look, change, destroy.
set -euo pipefail

skyform=$1
here=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$here"/testdata/demo/*.hcl "$scratch"
cd "$scratch"

step() {
    printf '\n\033[1m$ %s\033[0m\n' "skyform $*"
    "$skyform" "$@"
}

step init
step place
step plan -out=demo.plan
step apply demo.plan
printf '\n\033[1m# The same again: nothing to do.\033[0m\n'
step plan -detailed-exitcode
printf '\n\033[1m# More demand: what changes, and what it costs.\033[0m\n'
step apply -auto-approve -var demand=45
step output buckets
printf '\n\033[1m# A bucket is lost: it is noticed, and made again.\033[0m\n'
rm -r .skyform/local/east/buckets/models-east
step apply -auto-approve -var demand=45
step destroy -auto-approve
printf '\ndemo: done; the scratch folder is removed\n'
