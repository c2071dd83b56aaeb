#!/usr/bin/env bash
# In the image's build stage: /out/bearward, compiled or, where BINARY names one, taken from the checkout.
# usage: deploy/container/compile.sh        BINARY: a path in the checkout; JOBS: compilers at a time
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mkdir -p /out
if [ -n "${BINARY:-}" ]; then
  cp "deploy/container/$(basename "$BINARY")" /out/bearward
  exit
fi
export CCACHE_DISABLE=1
cmake --preset release -DBUILD_TESTING=OFF
cmake --build --preset release --target bearward -j "${JOBS:-$(nproc)}"
cp build/release/bearward /out/bearward
