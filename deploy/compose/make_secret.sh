#!/usr/bin/env bash
# Makes deploy/compose/secret_key, with which the app signs tokens and Bearward verifies them, for the containers' group alone.
# usage: deploy/compose/make_secret.sh        as root, or it is readable by all (others than root can't give it to that group)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

[ ! -e secret_key ] || { echo "deploy/compose/secret_key is there already" >&2; exit 1; }
(umask 077 && head -c 48 /dev/urandom | base64 -w 0 >secret_key)
if [ "$(id -u)" -eq 0 ]; then
  chown 0:65532 secret_key
  chmod 440 secret_key
else
  chmod 444 secret_key
  echo "secret_key is readable by every user of this machine: chown 0:65532 and chmod 440 need root" >&2
fi
