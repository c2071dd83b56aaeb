#!/usr/bin/env bash
# Runs commands in a clean Debian 12 root as a newcomer would: nothing is installed, apt is set up as here, and of the checkout only build/ can be written.
# usage: tests/clean_root.sh [--with FILE]... COMMAND...        FILEs are in build/; one argument a command, run in order in the same root; ends with 77 where no root can be made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly unavailable=77
checkout=$(pwd -P)
root=$checkout/build/clean_root

give_up() {
  echo "tests/clean_root.sh: no clean root: $1" >&2
  exit $unavailable
}

# Two stages: outside, where the root is made; and in namespaces of its own, whose mounts and processes end with it.
if [ "${1:-}" != --inside ]; then
  files=()
  while [ "${1:-}" = --with ]; do
    files+=("$2")
    shift 2
  done
  [ $# -gt 0 ] || { sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
  [ "$(id -u)" -eq 0 ] || give_up "this needs root"
  unshare --mount --pid --fork mount -t tmpfs none /mnt 2>/dev/null || give_up "mounts are not allowed here"
  command -v chroot >/dev/null || give_up "there is no chroot"
  mkdir -p build
  rm -rf --one-file-system "$root"
  trap 'rm -rf --one-file-system "$root"' EXIT

  reason=$(deploy/debian_root.sh "$root" 2>&1) || give_up "$reason"
  for file in /etc/resolv.conf /etc/hosts; do
    [ ! -e "$file" ] || cp -L "$file" "$root$file"
  done
  authorities=/etc/ssl/certs/ca-certificates.crt
  [ ! -e $authorities ] || cp -L $authorities "$root/etc/authorities.pem"

  # At the same path as outside: compiled objects of one leg then serve the others.
  mkdir -p "$root$checkout" "$root/built"
  [ ${#files[@]} -eq 0 ] || cp "${files[@]}" "$root/built/"
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
    tar --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -xf - -C "$root$checkout"
  (cd "$root$checkout" && git init -q && git add -A && mkdir build)

  unshare --mount --pid --fork --kill-child --propagation private "$checkout/tests/clean_root.sh" --inside "$root" "$checkout" "$@"
  exit
fi

root=$2 checkout=$3
shift 3
cache=${CCACHE_DIR:-$HOME/.cache/ccache}
mkdir -p "$cache" "$root/root/.cache/ccache"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount --bind "$cache" "$root/root/.cache/ccache"
mount --bind "$root$checkout" "$root$checkout"
mount -o remount,bind,ro "$root$checkout"
mount --bind "$root/built" "$root$checkout/build"

settings=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 JOBS="${JOBS:-$(nproc)}")
if [ -e "$root/etc/authorities.pem" ]; then
  settings+=(NODE_EXTRA_CA_CERTS=/etc/authorities.pem)
fi
while read -r setting; do
  settings+=("$setting")
done < <(env | grep -iE '^(https?_proxy|no_proxy|npm_config_[a-z_]*)=' || true)
for command in "$@"; do
  echo "-- in the clean root: $command"
  env -i "${settings[@]}" chroot "$root" /bin/bash -euc "cd '$checkout'; $command" </dev/null
done
