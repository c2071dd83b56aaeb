#!/usr/bin/env bash
# Nanoseconds of the parts of a request. Arguments are Google Benchmark's, e.g. --benchmark_filter=decide.
# usage: bench/micro/run.sh [ARGUMENTS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

deploy/install_packages.sh build micro
cmake --preset release -DBEARWARD_BENCH=ON >&2
cmake --build --preset release --target bench_micro -j "${JOBS:-$(nproc)}" >&2
exec build/release/bench/bench_micro "$@"
