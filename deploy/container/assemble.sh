#!/usr/bin/env bash
# In the image's build stage: puts what the image holds under /out/root, and the symbols that are stripped from the binary under /out/symbols.
# usage: deploy/container/assemble.sh        VERSION, REVISION, SOURCE_DATE_EPOCH: of what is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

root=/out/root symbols=/out/symbols
umask 022
mkdir -p $root/etc/ssl/certs $root/etc/bearward $root/usr/bin $root/usr/lib/ssl $root/usr/share/doc $root/var/lib/dpkg/status.d $symbols

objcopy --only-keep-debug --compress-debug-sections /out/bearward $symbols/bearward.debug
objcopy --strip-all --remove-section=.gnu_debuglink /out/bearward $root/usr/bin/bearward
objcopy --add-gnu-debuglink=$symbols/bearward.debug $root/usr/bin/bearward
chmod 755 $root/usr/bin/bearward
chmod 644 $symbols/bearward.debug

# The libraries under the paths where the loader looks for them, and the loader itself.
libraries=$(ldd /out/bearward)
if grep -q 'not found' <<<"$libraries"; then
  echo "assemble.sh: the binary needs what Debian 12 doesn't have:" >&2
  grep 'not found' <<<"$libraries" >&2
  exit 1
fi
packages=(ca-certificates)
readarray -t libraries < <(grep -oE '/[^ ]+\.so[^ ]*' <<<"$libraries" | sort -u)
for library in "${libraries[@]}"; do
  install -D -m 755 "$library" "$root$library"
  real=$(readlink -f "$library")
  # What was packaged for / is under /usr since the two are one.
  owner=$(dpkg-query -S "$real" 2>/dev/null || dpkg-query -S "${real#/usr}")
  packages+=("${owner%%:*}")
done
readarray -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)

install -m 644 /etc/ssl/certs/ca-certificates.crt $root/etc/ssl/certs/
ln -s /etc/ssl/certs/ca-certificates.crt $root/usr/lib/ssl/cert.pem
printf '%s\n' 'root:x:0:0:root:/:/usr/sbin/nologin' 'bearward:x:65532:65532:Bearward:/:/usr/sbin/nologin' >$root/etc/passwd
printf '%s\n' 'root:x:0:' 'bearward:x:65532:' >$root/etc/group
echo 'hosts: files dns' >$root/etc/nsswitch.conf

# What scanners read, licences, and the list of all that is in it.
for package in "${packages[@]}"; do
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
  mkdir -p "$root/usr/share/doc/$package"
  gzip --no-name --best <"/usr/share/doc/$package/copyright" >"$root/usr/share/doc/$package/copyright.gz"  # Boost's has two megabytes
done
install -D -m 644 LICENSE $root/usr/share/doc/bearward/copyright
deploy/container/sbom.sh "${packages[@]}" >$root/usr/share/doc/bearward/sbom.spdx.json
cp $root/usr/share/doc/bearward/sbom.spdx.json $symbols/

chmod -R u=rwX,go=rX $root $symbols
find $root $symbols -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
