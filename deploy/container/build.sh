#!/usr/bin/env bash
# Builds the image bearward:latest of this checkout, so that two builds of one commit are equal byte for byte. Arguments are handed on to the engine.
# usage: deploy/container/build.sh [ENGINE ARGUMENTS]        ENGINE: buildah, podman or docker (default the first that is here); IMAGE: its name (default bearward); SYMBOLS: a folder for what was stripped, and the list of parts; BINARY: see the Containerfile
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in
  -h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
engine=${ENGINE:-}
for candidate in buildah podman docker; do
  if [ -z "$engine" ] && command -v "$candidate" >/dev/null; then
    engine=$candidate
  fi
done

version=$(sed -nE 's/^project\(bearward VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
if revision=$(git -c safe.directory='*' rev-parse HEAD 2>/dev/null); then
  [ -z "$(git -c safe.directory='*' status --porcelain)" ] || revision+=-modified
  time=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 --format=%ct)}
else
  revision=unknown time=${SOURCE_DATE_EPOCH:-0}
fi
name=${IMAGE:-bearward}
arguments=(--file deploy/container/Containerfile
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "SOURCE_DATE_EPOCH=$time"
  --build-arg "CREATED=$(date --utc --date="@$time" +%Y-%m-%dT%H:%M:%SZ)" --build-arg "BINARY=${BINARY:-}" --build-arg "JOBS=${JOBS:-}")

# By buildah or podman; OCI's format has no health check.
build() {
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  "$@" --format docker --timestamp "$time" --identity-label=false --layers --iidfile "$made/id" "${arguments[@]}" .
  "$engine" push --quiet "$(cat "$made/id")" "dir:$made/image"
  python3 deploy/container/strip_randomness.py "$made/image"
  "$engine" pull --quiet "dir:$made/image" >"$made/id"
  "$engine" tag "$(tail -n 1 "$made/id")" "$name"
  if [ -n "${SYMBOLS:-}" ]; then
    "$@" --layers --timestamp "$time" --target symbols --output "type=local,dest=$SYMBOLS" "${arguments[@]}" .
  fi
}

case $engine in
  buildah) build buildah bud "$@" ;;
  podman) build podman build "$@" ;;
  docker)
    docker build --tag "$name" "${arguments[@]}" "$@" .
    [ -z "${SYMBOLS:-}" ] || docker build --target symbols --output "type=local,dest=$SYMBOLS" "${arguments[@]}" "$@" .
    ;;
  *)
    echo "deploy/container/build.sh: neither buildah, podman nor docker is here" >&2
    exit 1
    ;;
esac
