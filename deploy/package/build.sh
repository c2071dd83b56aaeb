#!/usr/bin/env bash
# Builds the Debian package, installing what that needs; the last line is its path.
# usage: deploy/package/build.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

deploy/install_packages.sh build package
cmake --preset release >/dev/null
cmake --build --preset release --target bearward package_files -j "${JOBS:-$(nproc)}"
rm -rf build/package
cpack --config build/release/CPackConfig.cmake -B build/package >/dev/null
rm -rf build/package/_CPack_Packages
built=(build/package/bearward_*.deb)
if [ ${#built[@]} -ne 1 ] || [ ! -f "${built[0]}" ]; then
  echo "deploy/package/build.sh: no package came of it" >&2
  exit 1
fi
echo "${built[0]}"
