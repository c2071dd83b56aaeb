#!/usr/bin/env bash
# Builds the Debian package and tries it in a clean Debian 12 root: installed, started, reloaded, upgraded with its configuration kept, removed.
# usage: deploy/package/test.sh        ends with 77 where no clean root can be made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

deploy/install_packages.sh build package
cmake --preset release >/dev/null
cmake --build --preset release --target bearward package_files -j "${JOBS:-$(nproc)}"
out=build/package
rm -rf $out
mkdir -p $out/next
cpack --config build/release/CPackConfig.cmake -B $out >/dev/null
mapfile -t built < <(find $out -maxdepth 1 -name 'bearward_*.deb')
[ ${#built[@]} -eq 1 ] || { echo "deploy/package/test.sh: ${#built[@]} packages came of one build" >&2; exit 1; }
mv "${built[0]}" $out/bearward.deb

# The next version, whose default configuration differs.
dpkg-deb -R $out/bearward.deb $out/next
sed -i 's/^Version: .*/Version: 99.0.0/' $out/next/DEBIAN/control
echo '# A remark of the next version.' >>$out/next/etc/bearward/bearward.yaml
(cd $out/next && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b $out/next $out/bearward_next.deb >/dev/null
rm -rf $out/next

exec tests/clean_root.sh --with $out/bearward.deb --with $out/bearward_next.deb deploy/package/test_installed.sh
