#!/usr/bin/env bash
# Sourced by the tests of deploy/: images and containers in a folder of their own, so that none of the user's are touched, and all ends with the test.
# usage: . deploy/container/storage.sh; open_storage        then $scratch is that folder, and buildah, podman and podman-compose use it; BEARWARD_STORAGE: one that is open already
set -euo pipefail

readonly unavailable=77
scratch=

give_up() {
  echo "$0: $1" >&2
  exit $unavailable
}

close_storage() {
  local status=$?
  trap - EXIT INT TERM
  podman rm --all --force --time 1 >/dev/null 2>&1 || true
  podman pod rm --all --force >/dev/null 2>&1 || true
  podman network ls --format '{{.Name}}' 2>/dev/null | grep -vx podman | while read -r network; do
    podman network rm --force "$network" >/dev/null 2>&1 || true
    rm -rf "/var/lib/cni/networks/$network"  # the addresses that it has given out
  done || true
  podman umount --all >/dev/null 2>&1 || true
  buildah rm --all >/dev/null 2>&1 || true
  # What is still mounted in it is not to be removed with it.
  awk -v folder="$scratch/" 'index($5, folder) == 1 { print $5 }' /proc/self/mountinfo | sort -r | xargs -r -n 1 umount -l 2>/dev/null || true
  rm -rf --one-file-system "$scratch"
  exit "$status"
}

open_storage() {
  local driver file_limit
  [ "$(id -u)" -eq 0 ] || give_up "this needs root"
  deploy/install_packages.sh container >/dev/null 2>&1 || give_up "buildah, podman, runc or debootstrap is missing and can't be installed"
  if [ -n "${BEARWARD_STORAGE:-}" ]; then
    scratch=$BEARWARD_STORAGE
    return
  fi
  scratch=$(mktemp -d /tmp/bearward-storage-XXXXXX)
  trap close_storage EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mkdir "$scratch/tmp"
  # By default podman and buildah raise limits, which only an unbounded root may.
  file_limit=$(ulimit -Hn)
  [ "$file_limit" != unlimited ] && [ "$file_limit" -lt 65536 ] || file_limit=65536
  cat >"$scratch/containers.conf" <<TEXT
[containers]
default_ulimits = ["nofile=$file_limit:$file_limit", "nproc=4096:4096"]
netns = "host"
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$scratch/tmp"
[network]
network_config_dir = "$scratch/networks"
TEXT
  export BEARWARD_STORAGE=$scratch CONTAINERS_CONF=$scratch/containers.conf CONTAINERS_STORAGE_CONF=$scratch/storage.conf DISABLE_HC_SYSTEMD=true BUILDAH_ISOLATION=chroot TMPDIR=$scratch/tmp
  for driver in overlay vfs; do
    printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' "$driver" "$scratch/$driver" "$scratch/run-$driver" >"$CONTAINERS_STORAGE_CONF"
    if podman info >/dev/null 2>"$scratch/refused"; then
      return
    fi
  done
  give_up "podman can't work here: $(tail -n 1 "$scratch/refused")"
}

# A Debian 12 of this machine's own archives, as debian:bookworm-slim is one of Docker's.
import_debian() {
  local reason
  if podman image exists docker.io/library/debian:bookworm-slim; then
    return
  fi
  reason=$(deploy/debian_root.sh "$scratch/debian" 2>&1) || give_up "no Debian 12 can be made: $reason"
  rm -rf "$scratch/debian/var/cache/apt/archives"
  tar -C "$scratch/debian" -cf - . | podman import --quiet - docker.io/library/debian:bookworm-slim >/dev/null
  rm -rf --one-file-system "$scratch/debian"
}

# Arguments are handed on to build.sh.
build_image() {
  import_debian
  if ! ENGINE=buildah timeout -k 10 $((5400 * ${BEARWARD_SLOWNESS:-1})) deploy/container/build.sh "$@" >"$scratch/build.log" 2>&1 </dev/null; then
    tail -n 40 "$scratch/build.log" >&2
    echo "$0: the image can't be built" >&2
    exit 1
  fi
}

provide_image() {
  podman image exists localhost/bearward || build_image --layers
}

# The example app's image, unless it is there.
build_app_image() {
  import_debian
  if ! podman image exists localhost/widgets-app; then
    timeout -k 10 $((900 * ${BEARWARD_SLOWNESS:-1})) buildah bud --pull-never --tag widgets-app -f deploy/examples/fastapi/Containerfile deploy >"$scratch/build.log" 2>&1 </dev/null ||
      { tail -n 40 "$scratch/build.log" >&2; exit 1; }
  fi
}
