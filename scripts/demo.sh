#!/usr/bin/env bash
# Shows the main job in a scratch folder: data cleaned, a model stored, placed, served, judged and asked.
set -euo pipefail

skyform=$1
here=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
cleanup() {
    # Whatever still serves is ended, also where the demo was cut off.
    (cd "$scratch/testdata/fraud" 2>/dev/null && "$skyform" destroy -auto-approve >/dev/null 2>&1) || true
    rm -rf "$scratch"
}
trap cleanup EXIT
mkdir -p "$scratch/testdata" "$scratch/modules"
cp -r "$here/testdata/fraud" "$scratch/testdata/"
cp -r "$here/modules/served-model" "$scratch/modules/"
cd "$scratch/testdata/fraud"

say() {
    printf '\n\033[1m# %s\033[0m\n' "$*"
}
step() {
    printf '\n\033[1m$ %s\033[0m\n' "skyform $*"
    "$skyform" "$@"
}

say "A fraud model over three clouds: where does it run cheapest?"
step init
step place
step plan -out=demo.plan
step apply demo.plan
say "The same again: nothing to do."
step plan -detailed-exitcode

say "The served model is asked about a payment (the first row of the claims)."
url=$("$skyform" output -json model_urls | grep -o 'http://[^"]*' | head -n 1)
values=$(sed -n 2p data/claims.csv | cut -d, -f2-30)
request="{\"inputs\":[{\"name\":\"input\",\"shape\":[1,29],\"datatype\":\"FP32\",\"data\":[$values]}]}"
printf '\n\033[1m$ POST %s/infer\033[0m\n' "$url"
# The shell's own connection, since curl may be missing.
host=${url#http://}
host=${host%%/*}
exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'POST /%s/infer HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
    "${url#http://*/}" "$host" "${#request}" "$request" >&3
answer=$(cat <&3)
exec 3>&-
printf '%s\n' "${answer##*$'\r\n\r\n'}"

say "How good is it? Judged on payments that it has not seen:"
step output f1
say "More demand: replicas are added in place, and what it costs is in the plan."
step apply -auto-approve -var demand=45
say "A server dies: it is noticed, and started again."
kill -9 "$(grep -o '"pid": *[0-9]*' .skyform/local/east/endpoints/*/ready-*.json | tail -n 1 | grep -o '[0-9]*$')"
step apply -auto-approve -var demand=45
step destroy -auto-approve
printf '\ndemo: done; all servers are ended and the scratch folder is removed\n'
