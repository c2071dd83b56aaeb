#!/usr/bin/env bash
# What is too slow for every change: all tests under the thread sanitizer, longer fuzzing, larger bodies, more slow clients, a soak.
# usage: tests/nightly.sh        FUZZ_SECONDS (default 60): for each fuzz target; SOAK_SECONDS (default 300); LARGE_MIB (default 1024)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "== all tests under the thread sanitizer"
PRESET=tsan tests/run.sh all
echo "== fuzzing"
tests/fuzz.sh "${FUZZ_SECONDS:-60}"
echo "== end to end, of the release build"
tests/run.sh e2e
export BEARWARD_BINARY=$PWD/build/release/bearward
echo "== large bodies"
BEARWARD_LARGE_MIB=${LARGE_MIB:-1024} /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/e2e/test_peers_large.py
echo "== slow clients"
BEARWARD_SLOW_CLIENTS=1000 BEARWARD_P99_MS=50 /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/e2e/test_slow_clients.py
echo "== soak"
BEARWARD_SOAK_SECONDS=${SOAK_SECONDS:-300} /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/e2e/soak.py
