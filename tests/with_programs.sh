#!/usr/bin/env bash
# Runs a command where programs are there that not every machine for tests has; otherwise ends with 77 and says what brings them.
# usage: tests/with_programs.sh PROGRAM[,PROGRAM...] PURPOSE COMMAND [ARGUMENT...]        PURPOSE: of deploy/install_packages.sh
set -euo pipefail

readonly unavailable=77
[ $# -gt 2 ] || { sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
IFS=, read -ra programs <<<"$1"
purpose=$2
shift 2
for program in "${programs[@]}"; do
  if ! command -v "$program" >/dev/null; then
    echo "tests/with_programs.sh: left out, there is no $program (deploy/install_packages.sh $purpose)" >&2
    exit $unavailable
  fi
done
exec "$@"
