#!/usr/bin/env bash
# The life of the package on a machine of its own: build/bearward.deb, and build/bearward_next.deb with another default configuration. Only for a root that is thrown away.
# usage: deploy/package/test_installed.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DEBIAN_FRONTEND=noninteractive

step() {
  echo "-- $1"
}
fail() {
  echo "deploy/package/test_installed.sh: $1" >&2
  exit 1
}
installed() {
  apt-get -qq install -y --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null >/dev/null
}

step "it installs, with what it needs and no more"
apt-get -qq update
installed ./build/bearward.deb
missing=$(ldd /usr/bin/bearward | grep 'not found' || true)
[ -z "$missing" ] || fail "libraries are missing: $missing"
bearward --version
[ "$(dpkg-query -W -f '${Conffiles}' bearward | awk 'NF { print $1 }')" = /etc/bearward/bearward.yaml ] || fail "the configuration is no conffile"
[ "$(stat -c '%U:%G %a' /etc/bearward/bearward.yaml /usr/bin/bearward /lib/systemd/system/bearward.service | sort -u | tr '\n' ' ')" = "root:root 644 root:root 755 " ] || fail "owners or modes are not Debian's"
bearward check --strict

step "the unit is sound and has next to no rights"
deploy/install_packages.sh unit
systemd-analyze verify /lib/systemd/system/bearward.service
systemd-analyze security --offline=true --threshold=15 /lib/systemd/system/bearward.service | tail -n 1
mkdir -p /etc/systemd/system/bearward.service.d
cp /usr/share/doc/bearward/examples/privileged_port.conf /etc/systemd/system/bearward.service.d/
cp /usr/share/doc/bearward/examples/bearward.socket /etc/systemd/system/
systemd-analyze verify bearward.service bearward.socket
rm -r /etc/systemd/system/bearward.service.d /etc/systemd/system/bearward.socket

step "the manual pages and the completion"
for page in /usr/share/man/man1/bearward.1.gz /usr/share/man/man5/bearward.yaml.5.gz; do
  problems=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z $page 2>&1 >/dev/null)
  [ -z "$problems" ] || fail "$page: $problems"
done
completed=$(bash -c '. /usr/share/bash-completion/completions/bearward; COMP_WORDS=(bearward token mi); COMP_CWORD=2; _bearward; echo "${COMPREPLY[*]}"')
[ "$completed" = mint ] || fail "bearward token mi completes to '$completed'"

step "it runs as the unit says: ready, reloaded, alive, drained"
python3 deploy/package/run_unit.py /lib/systemd/system/bearward.service

step "an upgrade keeps what the operator wrote"
echo '# A remark of the operator.' >>/etc/bearward/bearward.yaml
installed ./build/bearward_next.deb
[ "$(dpkg-query -W -f '${Version}' bearward)" = 99.0.0 ] || fail "the next version is not there"
grep -q 'of the operator' /etc/bearward/bearward.yaml || fail "the operator's configuration is gone"
grep -q 'of the next version' /etc/bearward/bearward.yaml.dpkg-dist || fail "the new default is not beside it"
python3 deploy/package/run_unit.py /lib/systemd/system/bearward.service

step "removed, its configuration stays; purged, nothing does"
apt-get -qq remove -y bearward >/dev/null
[ ! -e /usr/bin/bearward ] || fail "removal left the program"
[ -e /etc/bearward/bearward.yaml ] || fail "removal took the configuration"
apt-get -qq purge -y bearward >/dev/null
left=$(find / -xdev -path /proc -prune -o -path "$PWD" -prune -o -path /var/lib/dpkg -prune -o -path /var/cache -prune -o -path /var/log -prune -o -path /root -prune -o -path /built -prune -o -name '*bearward*' -print)
[ -z "$left" ] || fail "after the purge there is still: $left"
echo "the package: all steps passed"
