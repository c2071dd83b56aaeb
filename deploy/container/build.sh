#!/usr/bin/env bash
# Builds the image bearward:latest of this checkout, so that two builds of one commit are equal byte for byte. Arguments are handed on to the engine.
# usage: deploy/container/build.sh [ENGINE ARGUMENTS]        ENGINE: buildah, podman or docker (default the first that is here); IMAGE: its name (default bearward); BINARY: see the Containerfile
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
arguments=(--file deploy/container/Containerfile --tag "${IMAGE:-bearward}"
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "SOURCE_DATE_EPOCH=$time"
  --build-arg "CREATED=$(date --utc --date="@$time" +%Y-%m-%dT%H:%M:%SZ)" --build-arg "BINARY=${BINARY:-}" --build-arg "JOBS=${JOBS:-}")
case $engine in
  # OCI's format has no health check.
  buildah) exec buildah bud --format docker --timestamp "$time" --identity-label=false --layers "${arguments[@]}" "$@" . ;;
  podman) exec podman build --format docker --timestamp "$time" --identity-label=false --layers "${arguments[@]}" "$@" . ;;
  docker) exec docker build "${arguments[@]}" "$@" . ;;
  *)
    echo "deploy/container/build.sh: neither buildah, podman nor docker is here" >&2
    exit 1
    ;;
esac
