#!/usr/bin/env bash
# Renders the kustomizations with the kubectl that is here and with Debian's, checks the Helm chart's values, and runs the classic pod; ends with 77 where that can't be done.
# usage: deploy/kubernetes/test.sh        BINARY: as for deploy/container/build.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/container/storage.sh

open_storage
deploy/install_packages.sh kubernetes >/dev/null 2>&1 || give_up "kubectl, node-ajv or python3-yaml is missing and can't be installed"
provide_image
build_app_image
work=$scratch/manifests
rm -rf "$work"
cp -r deploy/kubernetes "$work"
for kustomization in native classic; do
  (umask 022 && head -c 48 /dev/urandom | base64 -w 0 >"$work/$kustomization/token_key")
done
chmod 755 "$work"

kubectls=("$(command -v kubectl)")
# Debian's can't be installed beside others, so it is unpacked.
if ! dpkg-query -W -f='${db:Status-Status}\n' kubernetes-client 2>/dev/null | grep -qx installed; then
  mkdir "$work/debian"
  if (cd "$work/debian" && apt-get -qq download kubernetes-client >/dev/null 2>&1 && dpkg -x kubernetes-client_*.deb .); then
    kubectls+=("$work/debian/usr/bin/kubectl")
  else
    echo "Debian's kubectl can't be fetched: rendered with ${kubectls[0]} alone" >&2
  fi
fi
export PYTHONPATH=deploy/container PYTHONDONTWRITEBYTECODE=1
timeout -k 10 $((600 * ${BEARWARD_SLOWNESS:-1})) /usr/bin/python3 deploy/kubernetes/check_manifests.py "$work" "${kubectls[@]}"
timeout -k 10 $((300 * ${BEARWARD_SLOWNESS:-1})) /usr/bin/python3 deploy/kubernetes/check_pod.py "$work" "${kubectls[0]}"
