#!/usr/bin/env bash
# Installs what the tests need, builds, and runs them; ends with ctest's closing lines.
# usage: tests/run.sh [unit|integration|e2e|golden|lint|all]        PRESET=asan tests/run.sh: with another preset (default release)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=${1:-all}
preset=${PRESET:-release}
jobs=${JOBS:-$(nproc)}
case $suite in
  unit | integration | e2e | golden | lint | all) ;;
  -h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "tests/run.sh: unknown suite '$suite'; accepted: unit integration e2e golden lint all" >&2
    exit 2
    ;;
esac

purposes=(build test)
case $suite in lint | all) purposes+=(lint) ;; esac
case $preset in asan | tsan | fuzz | coverage) purposes+=(sanitize) ;; esac
deploy/install_packages.sh "${purposes[@]}"

cmake --preset "$preset" -DBUILD_TESTING=ON
if [ "$suite" = all ]; then
  cmake --build --preset "$preset" -j "$jobs"
  labels=()
else
  cmake --build --preset "$preset" --target "tests_$suite" -j "$jobs"
  labels=(-L "^$suite\$")
fi
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "${labels[@]}"
