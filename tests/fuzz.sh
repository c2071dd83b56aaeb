#!/usr/bin/env bash
# Builds every libFuzzer target and runs each for some seconds, starting from its corpus. What it finds is kept under build/fuzz.
# usage: tests/fuzz.sh [SECONDS]        (default 5)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-5}
deploy/install_packages.sh build test sanitize
cmake --preset fuzz -DBUILD_TESTING=ON
cmake --build --preset fuzz --target fuzz_targets -j "${JOBS:-$(nproc)}"

status=0
for source in tests/fuzz/*_fuzz.cpp; do
  [ -e "$source" ] || break
  name=$(basename "$source" _fuzz.cpp)
  mkdir -p "build/fuzz/found/$name" "build/fuzz/crashes"
  echo "fuzzing $name for $seconds s"
  log=build/fuzz/found/$name.log
  input_timeout=10
  [ "$name" != simulation ] || input_timeout=0 # libFuzzer would take virtual time for its own: the target has a limit itself
  # New inputs go to the first folder; the checked-in corpus is only read.
  if build/fuzz/tests/"fuzz_$name" -max_total_time="$seconds" -timeout="$input_timeout" -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="build/fuzz/crashes/$name-" "build/fuzz/found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    tail -n 1 "$log"
  else
    tail -n 60 "$log" >&2
    echo "fuzzing $name failed: the input is in build/fuzz/crashes" >&2
    status=1
  fi
done
exit $status
