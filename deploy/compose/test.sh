#!/usr/bin/env bash
# Starts deploy/compose.yaml with podman-compose and asks the app through Bearward; ends with 77 where that can't be done.
# usage: deploy/compose/test.sh        BINARY: as for deploy/container/build.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/container/storage.sh

open_storage
deploy/install_packages.sh compose >/dev/null 2>&1 || give_up "podman-compose is missing and can't be installed"
provide_image
build_app_image
# A copy, so that the secret is this run's alone.
project=$scratch/$(basename "$scratch" | tr 'A-Z-' 'a-z_')
mkdir "$project"
cp -r deploy/compose.yaml deploy/compose "$project"
rm -f "$project/compose/secret_key"
"$project/compose/make_secret.sh"
PYTHONPATH=deploy/container PYTHONDONTWRITEBYTECODE=1 timeout -k 10 $((300 * ${BEARWARD_SLOWNESS:-1})) /usr/bin/python3 deploy/compose/check_compose.py "$project"
