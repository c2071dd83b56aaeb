#!/usr/bin/env bash
# Plants defects in a scratch copy, one after the other, and shows how soon the simulator finds each. One that is not found fails, unless its patch says why.
# usage: tests/simulation/mutants.sh [--check | --some COUNT | NAME...]        default: all; --check: only whether every patch still applies; --some: others with each commit. SCENARIOS (default 20000): for each; SEED (default 1): the first
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in
  -h | --help)
    sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  "" | --check | --some) patches=(tests/simulation/mutants/*.patch) ;;
  *) patches=("${@/#/tests/simulation/mutants/}") && patches=("${patches[@]/%/.patch}") ;;
esac

if [ -z "${MUTANTS_SCRATCH:-}" ]; then
  for patch in "${patches[@]}"; do
    git apply --check "$patch" || { echo "mutants.sh: $patch does not apply any more" >&2; exit 1; }
  done
  if [ "${1:-}" = --check ]; then
    echo "${#patches[@]} patches apply"
    exit
  fi
  if [ "${1:-}" = --some ]; then
    from=$(($(git rev-list --count HEAD) * $2 % ${#patches[@]})) names=()
    for ((index = 0; index < $2; ++index)); do
      names+=("$(basename "${patches[(from + index) % ${#patches[@]}]}" .patch)")
    done
    set -- "${names[@]}"
  fi
  MUTANTS_SCRATCH=$(mktemp -d)
  export MUTANTS_SCRATCH
  trap 'rm -rf "$MUTANTS_SCRATCH"' EXIT
  git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$MUTANTS_SCRATCH" -xf -
  # In the place of the checkout, where that is allowed: there the compiler cache knows every object.
  if unshare --mount true 2>/dev/null; then
    # shellcheck disable=SC2016  # this is for the shell inside
    unshare --mount bash -euc 'mount --bind "$MUTANTS_SCRATCH" "$0" && cd "$0" && tests/simulation/mutants.sh "$@"' "$PWD" "$@"
  else
    "$MUTANTS_SCRATCH/tests/simulation/mutants.sh" "$@"
  fi
  exit
fi

scenarios=${SCENARIOS:-20000} seed=${SEED:-1} jobs=${JOBS:-$(nproc)}
build() {
  cmake --build build/release --target simulation -j "$jobs" >build.log 2>&1 || { cat build.log >&2; exit 1; }
}
git init -q
cmake --preset release -DBUILD_TESTING=ON >/dev/null
build
build/release/tests/simulation --seed "$seed" --count 200 >run.log || { cat run.log >&2; exit 1; } # without a defect there is nothing to find

missed=0
printf '%-36s %8s %8s  %s\n' defect seed seconds "what the simulator says"
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  git apply "$patch"
  build
  began=$(date +%s.%N) code=0
  # What was freed is overwritten, so that nobody goes on with it unseen.
  MALLOC_PERTURB_=165 timeout 600 build/release/tests/simulation --seeds tests/simulation/known_seeds.txt --seed "$seed" --count "$scenarios" --jobs "$jobs" --brief >run.log 2>&1 || code=$?
  took=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN {printf "%.1f", b - a}')
  found=$(grep -a '^seed ' run.log | sort -k2n | head -n 1 || true)
  if [ $code -eq 0 ] && reason=$(grep -m1 '^Not found within' "$patch"); then
    printf '%-36s %8s %8s  not found, as is known: %s\n' "$name" - "$took" "${reason#*: }"
  elif [ $code -eq 0 ]; then
    printf '%-36s %8s %8s  NOT FOUND\n' "$name" - "$took"
    missed=$((missed + 1))
  elif [ -n "$found" ]; then
    at=${found#seed } && at=${at%%:*}
    printf '%-36s %8s %8s  %s\n' "$name" "$at" "$took" "${found#*: }"
  elif [ $code -eq 124 ]; then
    printf '%-36s %8s %8s  a scenario does not end\n' "$name" - "$took"
  else
    printf '%-36s %8s %8s  the process ends with %d\n' "$name" - "$took" $code
  fi
  git apply -R "$patch"
done
[ $missed -eq 0 ]
