#!/usr/bin/env bash
# Builds the documentation site from README, reference, runbook, designs and examples, and checks every link within it. Installs mkdocs-material if it is missing.
# usage: deploy/site/build.sh [OUTPUT]        OUTPUT: a folder, default build/site. FILES_URL: of the repository's files, such as https://git.example.com/bearward/blob/main/ (default: links to files without a page are plain text)
set -euo pipefail

case ${1:-} in -*) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;; esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=$(realpath -m "${1:-$here/../../build/site}")
if [ -e "$output" ] && [ ! -e "$output/sitemap.xml" ] && [ -n "$(ls -A "$output")" ]; then
  echo "build.sh: $output is no site of before; it is left as it is" >&2
  exit 1
fi
"$here/../install_packages.sh" site

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FILES_URL=${FILES_URL:-} SITE_PAGES=$work/pages SITE_OUTPUT=$work/site PYTHONDONTWRITEBYTECODE=1
mkdir "$SITE_PAGES"
/usr/bin/python3 "$here/assemble.py" "$SITE_PAGES"
cp "$here/mkdocs.yml" "$work/mkdocs.yml"
if ! /usr/bin/mkdocs build --strict -f "$work/mkdocs.yml" >"$work/log" 2>&1; then
  grep -v '^INFO' "$work/log" >&2
  exit 1
fi
/usr/bin/python3 "$here/check_links.py" "$SITE_OUTPUT"

rm -rf "$output"
mkdir -p "$(dirname "$output")"
cp -r "$SITE_OUTPUT" "$output"
echo "$output/index.html"
