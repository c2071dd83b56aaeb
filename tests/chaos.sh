#!/usr/bin/env bash
# Everything at once against the build with the address and undefined behaviour sanitizers: see tests/e2e/chaos.py.
# usage: tests/chaos.sh [SECONDS]        (default 20; tests/nightly.sh has 120)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-20}
deploy/install_packages.sh build test sanitize
cmake --preset asan -DBUILD_TESTING=ON
cmake --build --preset asan --target bearward -j "${JOBS:-$(nproc)}"
export BEARWARD_BINARY=$PWD/build/asan/bearward BEARWARD_SLOWNESS=4 BEARWARD_CHAOS_SECONDS=$seconds PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1:quarantine_size_mb=16
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
exec /usr/bin/python3 -m pytest -q -p no:cacheprovider -p no:randomly tests/e2e/chaos.py
