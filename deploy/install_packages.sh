#!/usr/bin/env bash
# Installs the Debian 12 packages for one or more purposes; needs neither network nor root when all are there.
# usage: deploy/install_packages.sh [--list] build|test|lint|sanitize|analyse|micro|bench|root|npm|package|unit|operation|site|image|container|compose|kubernetes ...        --list: only says which
set -euo pipefail

packages_for() {
  case $1 in
    build)
      echo clang-19 lld-19 cmake ninja-build ccache \
        libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev \
        libssl-dev libyaml-cpp-dev libspdlog-dev libcli11-dev prometheus-cpp-dev
      ;;
    test)
      echo libgtest-dev libgmock-dev curl \
        python3 python3-pytest python3-websockets python3-jwt python3-cryptography \
        nginx redis-server nodejs node-ajv node-undici python3-yaml python3-httpx python3-uvicorn slowhttptest \
        python3-fastapi python3-pydantic python3-multipart python3-jose python3-passlib python3-bcrypt chromium chromium-driver \
        gunicorn python3-flask python3-django lighttpd php-cli node-express caddy \
        python3-sqlalchemy python3-asyncpg postgresql-15
      ;;
    lint) echo python3 git clang-format-19 shellcheck ;;
    sanitize) echo libclang-rt-19-dev llvm-19 ;;
    analyse) echo clang-tidy-19 ;;
    micro) echo libbenchmark-dev ;;
    root) echo debootstrap git ;;
    package) echo dpkg-dev ;;
    unit) echo systemd python3 man-db bash-completion ;;
    npm) echo nodejs npm ;;
    # promtool. The package is 100 MB, and where services are started it starts Prometheus too.
    operation) echo prometheus ;;
    site) echo mkdocs mkdocs-material python3 ;;
    # What the image's packing stage needs: libraries to run, and what strips.
    image) echo binutils ca-certificates libboost-container1.81.0 libboost-json1.81.0 libboost-url1.81.0 libprometheus-cpp-core1.0 libspdlog1.10 libssl3 libyaml-cpp0.7 ;;
    # catatonit holds a pod's namespaces, the plugins connect it.
    container) echo buildah podman runc conmon catatonit containernetworking-plugins iptables debootstrap git python3 ;;
    compose) echo podman-compose ;;
    kubernetes) echo kubernetes-client nodejs node-ajv python3-yaml ;;
    bench) echo libbenchmark-dev haproxy nginx git binutils wrk strace valgrind openssl python3 python3-matplotlib python3-cryptography ;;
    *)
      echo "install_packages.sh: unknown purpose '$1'; accepted: build test lint sanitize analyse micro bench root npm package unit operation site image container compose kubernetes" >&2
      exit 2
      ;;
  esac
}

if [ $# -eq 0 ]; then
  sed -n 's/^# usage: //p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
if [ "$1" = --list ]; then
  shift
  for purpose in "$@"; do
    packages_for "$purpose"
  done
  exit 0
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install_packages.sh: this is for Debian 12 (apt and dpkg)" >&2
  exit 1
fi

# What an installed package provides is there too: NodeSource's nodejs brings npm, and conflicts with Debian's.
provided=$(dpkg-query -W -f='${db:Status-Status} ${Provides}\n' | sed -n 's/^installed //p' | tr ',' '\n' | sed -E 's/^ +//; s/ .*//' | sort -u)
# Whatever kubectl is here does; Debian's conflicts with the others.
if command -v kubectl >/dev/null; then
  provided+=$'\n'kubernetes-client
fi

missing=()
for purpose in "$@"; do
  names=$(packages_for "$purpose")
  for package in $names; do
    # grep reads to the end: dpkg-query must not die of a closed pipe.
    if ! dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -x installed >/dev/null && ! grep -qxF "$package" <<<"$provided"; then
      missing+=("$package")
    fi
  done
done
[ ${#missing[@]} -gt 0 ] || exit 0
readarray -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    printf 'install_packages.sh: missing, and neither root nor sudo to install it:\n  %s\n' "${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}

echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
# Tests start servers of their own: no cluster is made and started by the way. Where PostgreSQL is set up already, this says nothing.
settings=/etc/postgresql-common/createcluster.conf
case " ${missing[*]} " in
  *" postgresql-"*)
    if [ ! -e $settings ]; then
      "${as_root[@]}" mkdir -p "${settings%/*}"
      echo "create_main_cluster = false" | "${as_root[@]}" tee $settings >/dev/null
    fi
    ;;
esac
# Lists that can't be refreshed may still do: only the installation decides.
apt update || echo "The package lists can't be refreshed; trying with what is here." >&2
if ! apt install -y --no-install-recommends "${missing[@]}"; then
  tail -n 15 "$log" >&2
  cat >&2 <<TEXT

Packages are missing and can't be installed (offline, or no Debian 12 sources):
  ${missing[*]}
Run this again when there is a network, or install them by hand; once they are there no network is needed:
  apt-get install --no-install-recommends ${missing[*]}
TEXT
  exit 1
fi
