#!/usr/bin/env bash
# Whether this build is slower than another commit's: instructions and system calls a request, and the CPU time of bursts of both in turn, as ratios.
# usage: bench/load/compare.sh COMMIT [--only NAME,...] [--burst SECONDS] [--minutes M] [--without-bursts]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in
  -h | --help | "")
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
deploy/install_packages.sh build bench
build() {
  cmake --preset release -DBEARWARD_BENCH=ON >&2
  cmake --build --preset release --target "$@" -j "${JOBS:-$(nproc)}" >&2
}
build bearward bench_load bench_upstream
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone -q . "$scratch/base"
(cd "$scratch/base" && git checkout -q "$1" && build bearward)
shift
/usr/bin/python3 bench/load/compare.py "$scratch/base/build/release/bearward" "$@"
