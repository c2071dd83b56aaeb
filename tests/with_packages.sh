#!/usr/bin/env bash
# Runs a command with sets of npm packages: NAME_PACKAGES is a folder of node_modules with what tests/e2e/peers/NAME/package-lock.json pins by hashes.
# A folder is made once, in the user's cache; where npm can't make it, this ends with 77 and says why.
# usage: tests/with_packages.sh NAME[,NAME...] COMMAND [ARGUMENT...]        NAME: issuer, sockets
set -euo pipefail

readonly unavailable=77
sets=$(cd "$(dirname "${BASH_SOURCE[0]}")/e2e/peers" && pwd)
[ $# -gt 1 ] || { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
IFS=, read -ra names <<<"$1"
shift

give_up() {
  echo "tests/with_packages.sh: left out, the packages of '$name' are missing: $1" >&2
  exit $unavailable
}

cache=${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/bearward
fresh=""
trap 'rm -rf "$fresh"' EXIT
for name in "${names[@]}"; do
  declared=$sets/$name
  if [ ! -f "$declared/package-lock.json" ]; then
    echo "tests/with_packages.sh: there is no set of packages '$name'" >&2
    exit 2
  fi
  packages=$cache/$name-$(sha256sum "$declared/package-lock.json" | cut -c 1-16)
  if [ ! -d "$packages/node_modules" ]; then
    command -v node >/dev/null || give_up "there is no Node.js"
    command -v npm >/dev/null || give_up "there is no npm (deploy/install_packages.sh npm)"
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/$name-new.XXXXXX")
    cp "$declared/package.json" "$declared/package-lock.json" "$fresh"
    (cd "$fresh" && timeout -k 5 180 npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
      --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=20000 >npm.log 2>&1 </dev/null) ||
      give_up "npm: $(grep -m 1 -E 'npm (ERR!|error)' "$fresh/npm.log" || echo 'no answer in time')"
    # Whoever was first counts.
    mv -T "$fresh" "$packages" 2>/dev/null || [ -d "$packages/node_modules" ]
    rm -rf "$fresh"
  fi
  export "${name^^}_PACKAGES=$packages"
done
"$@"
