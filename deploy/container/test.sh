#!/usr/bin/env bash
# Builds the image twice from a Debian 12 of this machine's archives, compares the two, and runs it; ends with 77 where that can't be done.
# usage: deploy/container/test.sh        BINARY: a compiled binary in the checkout, which is then put in it instead of one that is compiled there (minutes)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/container/storage.sh

open_storage
export SYMBOLS=$scratch/symbols PYTHONDONTWRITEBYTECODE=1
for round in 1 2; do
  echo "-- build $round of 2"
  build_image --no-cache
  rm -rf "$scratch/built-$round"
  buildah push --quiet bearward "dir:$scratch/built-$round"
done
diff -r "$scratch/built-1" "$scratch/built-2"
echo "ok  two builds are equal: $(podman image inspect --format '{{.Id}}' bearward)"
timeout -k 10 $((600 * ${BEARWARD_SLOWNESS:-1})) /usr/bin/python3 deploy/container/check_image.py bearward "$SYMBOLS"
