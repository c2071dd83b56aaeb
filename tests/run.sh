#!/usr/bin/env bash
# Installs what the tests need, builds, and runs them; ends with ctest's closing lines.
# usage: tests/run.sh [unit|integration|e2e|golden|lint|all|simulation|deploy]        PRESET: asan, tsan, dev (default release); ONLY: a pattern of test names, of deploy a list of its forms; SCENARIOS: of the simulation (default 20000); SEED: its first (default a fresh one)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=${1:-all}
preset=${PRESET:-release}
jobs=${JOBS:-$(nproc)}
case $suite in
  unit | integration | e2e | golden | lint | all | simulation | deploy) ;;
  -h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "tests/run.sh: unknown suite '$suite'; accepted: unit integration e2e golden lint all simulation deploy" >&2
    exit 2
    ;;
esac

if [ "$suite" = deploy ]; then
  read -ra forms <<<"${ONLY:-}"
  exec deploy/test.sh "${forms[@]}"
fi

purposes=(build test)
case $suite in lint | all) purposes+=(lint) ;; esac
case $preset in asan | tsan | fuzz | coverage) purposes+=(sanitize) ;; esac
deploy/install_packages.sh "${purposes[@]}"

cmake --preset "$preset" -DBUILD_TESTING=ON
if [ "$suite" = simulation ]; then
  cmake --build --preset "$preset" --target simulation -j "$jobs"
  export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
  exec "build/$preset/tests/simulation" --seeds tests/simulation/known_seeds.txt --count "${SCENARIOS:-20000}" --jobs "$jobs" ${SEED:+--seed "$SEED"}
fi
if [ "$suite" = all ]; then
  cmake --build --preset "$preset" -j "$jobs"
  labels=()
else
  cmake --build --preset "$preset" --target "tests_$suite" -j "$jobs"
  labels=(-L "^$suite\$")
fi
[ -z "${ONLY:-}" ] || labels+=(-R "$ONLY")
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "${labels[@]}"
