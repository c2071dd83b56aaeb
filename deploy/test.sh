#!/usr/bin/env bash
# Tests forms of deployment, one after the other, each by its script, which installs what it needs; says in the end what came of each. Ends with 1 where one failed.
# usage: deploy/test.sh [package|examples|container|compose|kubernetes]...        default: all; BINARY: a binary in the checkout for the image instead of one that is compiled there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for form in "$@"; do
  if [[ "$form" == */* || ! -x "deploy/$form/test.sh" ]]; then
    sed -n '3s/^# //p' deploy/test.sh >&2
    exit 2
  fi
done
[ $# -gt 0 ] || set -- package examples container compose kubernetes

summary=() failed=0
run() {
  local status=0
  echo "== $1"
  "deploy/$1/test.sh" </dev/null || status=$?
  case $status in
    0) summary+=("$1: passed") ;;
    77) summary+=("$1: left out, it can't be tested here") ;;
    *) summary+=("$1: FAILED") failed=1 ;;
  esac
}

# What one of these builds the next one uses.
with_images=()
for form in "$@"; do
  case $form in
    container | compose | kubernetes) with_images+=("$form") ;;
    *) run "$form" ;;
  esac
done
if [ ${#with_images[@]} -gt 0 ] && [ -z "${BEARWARD_STORAGE:-}" ]; then
  status=0
  bash -euc '. deploy/container/storage.sh; open_storage; deploy/test.sh "$@"' "$0" "${with_images[@]}" || status=$?
  case $status in
    0) ;;
    77) summary+=("${with_images[*]}: left out, images can't be made here") ;;
    *) failed=1 ;;
  esac
else
  for form in "${with_images[@]}"; do
    run "$form"
  done
fi
[ ${#summary[@]} -eq 0 ] || printf '%s\n' "${summary[@]}"
exit $failed
