#!/usr/bin/env bash
# Runs the examples in a clean Debian 12 root, as a new user would: the apps behind Bearward, and two tenants that hammer one database for 30 s in each of four ways.
# usage: deploy/examples/test.sh        ends with 77 where no clean root can be made
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

exec tests/clean_root.sh "ONLY='^(e2e\.(fastapi|example|forward_auth_examples)|examples\.)' tests/run.sh e2e" "tests/nightly.sh --parts tenants"
