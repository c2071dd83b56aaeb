#!/usr/bin/env bash
# Builds the image twice from a Debian 12 of this machine's archives, compares the two, and runs it; ends with 77 where that can't be done.
# usage: deploy/container/test.sh        BINARY: a compiled binary in the checkout, which is then put in it instead of one that is compiled there (minutes)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/container/storage.sh

open_storage container
import_debian
export SYMBOLS=$scratch/symbols ENGINE=buildah
for round in 1 2; do
  echo "-- build $round of 2"
  if ! timeout -k 10 $((5400 * ${BEARWARD_SLOWNESS:-1})) deploy/container/build.sh --no-cache >"$scratch/log" 2>&1 </dev/null; then
    tail -n 40 "$scratch/log" >&2
    echo "deploy/container/test.sh: the image can't be built" >&2
    exit 1
  fi
  rm -rf "$scratch/built-$round"
  buildah push --quiet bearward "dir:$scratch/built-$round"
done
diff -r "$scratch/built-1" "$scratch/built-2"
echo "ok  two builds are equal: $(podman image inspect --format '{{.Id}}' bearward)"
PYTHONDONTWRITEBYTECODE=1 timeout -k 10 $((600 * ${BEARWARD_SLOWNESS:-1})) /usr/bin/python3 deploy/container/check_image.py bearward "$SYMBOLS"
