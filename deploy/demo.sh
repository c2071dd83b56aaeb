#!/usr/bin/env bash
# Builds Bearward and runs its demo: a protected app, keys, tokens and lines to try. Arguments are handed on to `bearward demo`.
# usage: deploy/demo.sh [--once]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

deploy/install_packages.sh build
if [ ! -e build/release/build.ninja ]; then
  # The demo needs no test libraries; tests/run.sh switches the tests on.
  cmake --preset release -DBUILD_TESTING=OFF >&2
fi
echo "Building (a few minutes the first time) ..." >&2
cmake --build --preset release --target bearward -j "${JOBS:-$(nproc)}" >&2
exec build/release/bearward demo "$@"
