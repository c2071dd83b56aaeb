#!/usr/bin/env bash
# Tests forms of deployment, one after the other; what one builds the next one uses. Ends with 77 where none of them can be tested here.
# usage: deploy/test.sh [container|compose|kubernetes]...        default: all; BINARY: a binary in the checkout for the image instead of one that is compiled there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for form in "$@"; do
  if [ ! -x "deploy/$form/test.sh" ]; then
    sed -n '3s/^# //p' deploy/test.sh >&2
    exit 2
  fi
done
[ $# -gt 0 ] || set -- container compose kubernetes
. deploy/container/storage.sh
open_storage

tested=0 failed=0
for form in "$@"; do
  echo "== $form"
  status=0
  "deploy/$form/test.sh" || status=$?
  case $status in
    0) tested=$((tested + 1)) ;;
    "$unavailable") ;;
    *) failed=$((failed + 1)) ;;
  esac
done
[ $failed -eq 0 ] || exit 1
[ $tested -gt 0 ] || exit "$unavailable"
