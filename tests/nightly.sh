#!/usr/bin/env bash
# What is too slow for every change: all tests under the thread sanitizer, longer fuzzing, a soak.
# usage: tests/nightly.sh        FUZZ_SECONDS (default 60): for each fuzz target; SOAK_SECONDS (default 300)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "== all tests under the thread sanitizer"
PRESET=tsan tests/run.sh all
echo "== fuzzing"
tests/fuzz.sh "${FUZZ_SECONDS:-60}"
echo "== soak"
tests/run.sh e2e
BEARWARD_BINARY=$PWD/build/release/bearward BEARWARD_SOAK_SECONDS=${SOAK_SECONDS:-300} \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/e2e/soak.py
