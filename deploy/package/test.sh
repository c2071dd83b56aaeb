#!/usr/bin/env bash
# Builds the Debian package and tries it in a clean Debian 12 root: installed, started, reloaded, upgraded with its configuration kept, removed.
# usage: deploy/package/test.sh        ends with 77 where no clean root can be made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

deploy/package/build.sh
out=build/package
mv $out/bearward_*.deb $out/bearward.deb
mkdir $out/next

# The next version, whose default configuration differs.
dpkg-deb -R $out/bearward.deb $out/next
sed -i 's/^Version: .*/Version: 99.0.0/' $out/next/DEBIAN/control
echo '# A remark of the next version.' >>$out/next/etc/bearward/bearward.yaml
(cd $out/next && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b $out/next $out/bearward_next.deb >/dev/null
rm -rf $out/next

exec tests/clean_root.sh --with $out/bearward.deb --with $out/bearward_next.deb deploy/package/test_installed.sh
