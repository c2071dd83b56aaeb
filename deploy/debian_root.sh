#!/usr/bin/env bash
# Makes a minimal Debian 12 root of Debian's own archives, whose apt is set up as this machine's; ends with 77 where that can't be.
# usage: deploy/debian_root.sh FOLDER
set -euo pipefail

readonly unavailable=77
[ $# -eq 1 ] || { sed -n 's/^# usage: /usage: /p' "${BASH_SOURCE[0]}" >&2; exit 2; }
root=$1

give_up() {
  echo "$1" >&2
  exit $unavailable
}

[ "$(id -u)" -eq 0 ] || give_up "this needs root"
if ! command -v debootstrap >/dev/null; then
  "$(dirname "${BASH_SOURCE[0]}")/install_packages.sh" root >/dev/null 2>&1 || give_up "debootstrap is missing and can't be installed"
fi

# No others than Debian's own: what this machine has from elsewhere would hide what is missing.
targets() {
  apt-get indextargets --format "\$(REPO_URI) \$(CODENAME)" "Created-By: Packages" "Origin: Debian" "Component: main" |
    awk '$2 ~ /^bookworm(-updates|-security)?$/' | sort -u
}
[ -n "$(targets)" ] || apt-get -qq update >/dev/null 2>&1 || true
mirror=$(targets | awk '$2 == "bookworm" { print $1; exit }')
[ -n "$mirror" ] || give_up "apt has no archive of Debian 12"
proxy=$(apt-config shell proxy Acquire::http::Proxy) && eval "$proxy"
http_proxy=${http_proxy:-${proxy:-}} timeout -k 10 600 debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 </dev/null ||
  give_up "debootstrap failed: $(tail -n 1 "$root.log")"
targets | sed 's/.*/deb & main/' >"$root/etc/apt/sources.list"
apt-config dump | grep '^Acquire::' | grep -vE '^Acquire::(IndexTargets|cdrom|Changelogs)' >"$root/etc/apt/apt.conf.d/90as_outside"
# What is thrown away afterwards needs no safe way to the disk: minutes of installing.
mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/throwaway"
for entry in auth.conf auth.conf.d trusted.gpg trusted.gpg.d; do
  [ ! -e "/etc/apt/$entry" ] || cp -a "/etc/apt/$entry" "$root/etc/apt/"
done
