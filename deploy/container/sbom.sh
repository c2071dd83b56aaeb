#!/usr/bin/env bash
# Prints an SPDX 2.3 document of the image: Bearward, the Debian packages whose files it holds, and those that it was compiled with, as dpkg knows them.
# usage: deploy/container/sbom.sh PACKAGE...        VERSION, REVISION, SOURCE_DATE_EPOCH: of what is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ $# -gt 0 ] || { sed -n 's/^# usage: //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
version=${VERSION:-unknown} revision=${REVISION:-unknown}
created=$(date --utc --date="@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)
# shellcheck source=/dev/null
. /etc/os-release

# Where nothing was compiled here, nothing is known of that.
compiled_with=()
if [ -z "${BINARY:-}" ]; then
  for package in $(deploy/install_packages.sh --list build); do
    [[ " $* " == *" $package "* ]] || compiled_with+=("$package")
  done
fi

id() { printf 'SPDXRef-Package-%s' "${1//[^A-Za-z0-9.-]/-}"; }
escaped() { sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' <<<"$1" | tr -d '\n'; }
package() {
  local name found source
  name=$1
  IFS=$'\t' read -r -a found < <(dpkg-query -W -f='${Version}\t${Architecture}\t${Maintainer}\t${source:Package}\t${source:Version}\n' "$name" | sort -u | head -n 1)
  source="${found[3]} ${found[4]}"
  cat <<TEXT
,
    {"SPDXID": "$(id "$name")", "name": "$name", "versionInfo": "${found[0]}", "supplier": "Organization: $(escaped "${found[2]}")",
     "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
     "copyrightText": "NOASSERTION", "sourceInfo": "built from Debian source package $source", "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER",
     "referenceType": "purl", "referenceLocator": "pkg:deb/debian/${name//+/%2B}@$(sed -e 's/+/%2B/g' -e 's/:/%3A/g' -e 's/~/%7E/g' <<<"${found[0]}")?arch=${found[1]}&distro=debian-${VERSION_ID:-12}"}]}
TEXT
}

cat <<TEXT
{
  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "bearward-$version",
  "documentNamespace": "https://spdx.org/spdxdocs/bearward-$version-$revision-$(dpkg --print-architecture)",
  "creationInfo": {"created": "$created", "creators": ["Tool: bearward-deploy-container-sbom.sh"]},
  "documentDescribes": ["SPDXRef-Package-bearward"],
  "packages": [
    {"SPDXID": "SPDXRef-Package-bearward", "name": "bearward", "versionInfo": "$version", "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION",
     "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION", "sourceInfo": "revision $revision"}
TEXT
for name in "$@" "${compiled_with[@]}"; do
  package "$name"
done
cat <<TEXT
  ],
  "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Package-bearward"}
TEXT
for name in "$@"; do
  printf ',    {"spdxElementId": "SPDXRef-Package-bearward", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "%s"}\n' "$(id "$name")"
done
for name in "${compiled_with[@]}"; do
  printf ',    {"spdxElementId": "%s", "relationshipType": "BUILD_DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-Package-bearward"}\n' "$(id "$name")"
done
printf '  ]\n}\n'
