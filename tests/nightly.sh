#!/usr/bin/env bash
# What is too slow for every change, in parts: tsan, tidy, fuzz, large, slow, floods, tenants, soak, chaos, simulation, mutants, deploy.
# usage: tests/nightly.sh [--parts PART,...]        FUZZ_SECONDS (default 60): for each fuzz target; SOAK_SECONDS (300); CHAOS_SECONDS (120); LARGE_MIB (1024); HAMMER_SECONDS (30): in each of four ways, two tenants at one database; SCENARIOS (1000000)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

there_are=(tsan tidy fuzz large slow floods tenants soak chaos simulation mutants deploy)
parts=("${there_are[@]}")
case ${1:-} in
  "") ;;
  --parts)
    IFS=, read -ra parts <<<"${2:-}"
    [ ${#parts[@]} -gt 0 ] || { echo "tests/nightly.sh: --parts names none; there are: ${there_are[*]}" >&2; exit 2; }
    ;;
  -h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "tests/nightly.sh: unknown argument '$1'; accepted: --parts PART,..." >&2
    exit 2
    ;;
esac
# All of them before the first is run: a slip in the last would cost the night.
for part in "${parts[@]}"; do
  case " ${there_are[*]} " in
    *" $part "*) ;;
    *)
      echo "tests/nightly.sh: there is no part '$part'; there are: ${there_are[*]}" >&2
      exit 2
      ;;
  esac
done

# release_test FILE: one module of the end-to-end tests, against the release build.
release_test() {
  deploy/install_packages.sh build test
  cmake --preset release -DBUILD_TESTING=ON
  cmake --build --preset release --target bearward -j "${JOBS:-$(nproc)}"
  BEARWARD_BINARY=$PWD/build/release/bearward PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider -p no:randomly "tests/e2e/$1"
}

for part in "${parts[@]}"; do
  printf '\n== %s (%s min since the start)\n' "$part" $((SECONDS / 60))
  case $part in
    tsan) PRESET=tsan tests/run.sh all ;;
    tidy)
      deploy/install_packages.sh build analyse
      tests/tidy.py
      ;;
    fuzz) tests/fuzz.sh "${FUZZ_SECONDS:-60}" ;;
    large) BEARWARD_LARGE_MIB=${LARGE_MIB:-1024} release_test test_peers_large.py ;;
    slow) BEARWARD_SLOW_CLIENTS=1000 BEARWARD_P99_MS=50 release_test test_slow_clients.py ;;
    floods) BEARWARD_FLOOD=100000 BEARWARD_P99_MS=20 release_test test_floods.py ;;
    tenants) BEARWARD_HAMMER_SECONDS=${HAMMER_SECONDS:-30} release_test test_fastapi_tenants.py ;;
    soak) BEARWARD_SOAK_SECONDS=${SOAK_SECONDS:-300} release_test soak.py ;;
    chaos) tests/chaos.sh "${CHAOS_SECONDS:-120}" ;;
    deploy) tests/run.sh deploy ;;
    simulation) SCENARIOS=${SCENARIOS:-1000000} tests/run.sh simulation ;;
    mutants)
      deploy/install_packages.sh build test
      SCENARIOS=20000 tests/simulation/mutants.sh
      ;;
  esac
done
printf '\n== passed: %s (%s min)\n' "${parts[*]}" $((SECONDS / 60))
