#!/usr/bin/env bash
# Measures Bearward against Debian's HAProxy and nginx in interleaved rounds; prints a table of ratios and writes bench/RESULTS.md and its picture.
# usage: bench/load/run.sh [--quick] [--only NAME,...] [--rounds N] [--seconds S] [--no-results]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "${1:-}" = -h ] || [ "${1:-}" = --help ]; then
  sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
  exit 0
fi
deploy/install_packages.sh build bench
cmake --preset release -DBEARWARD_BENCH=ON >&2
cmake --build --preset release --target bearward bench_load bench_upstream -j "${JOBS:-$(nproc)}" >&2
exec /usr/bin/python3 bench/load/measure.py "$@"
