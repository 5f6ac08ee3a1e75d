#!/usr/bin/env bash
# Runs schemathesis against a server: requests generated from its own OpenAPI document, right ones and wrong ones, all
# checks on each answer. Nothing may fail, and enough has to be tried.
#
#   conformance/openapi.sh [ARGUMENT...]     arguments go to schemathesis, for example --seed 2
#
# Without a seed of yours every run tries the same.
set -euo pipefail

# Fewer generated cases prove little.
LEAST_CASES=3000

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
schemathesis=$("$root/conformance/python" --installed schemathesis)
directory=$(mktemp -d "${TMPDIR:-/tmp}/provost-openapi.XXXXXX")
# shellcheck source=conformance/server.sh
. "$root/conformance/server.sh"
trap 'end_server; rm -rf "$directory"' EXIT

start_server "sqlite:$directory/provost.db"
# A key of the instance: the run cannot revoke it, for it is not the tenant's.
instance_key=$(cd "$directory" && "$binary" key create --instance --json --database "sqlite:$directory/provost.db" \
    | sed -n 's/.*"key":"\([^"]*\)".*/\1/p')
tenant=$(cd "$directory" && "$binary" tenant list --json --database "sqlite:$directory/provost.db" \
    | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')

say 'schemathesis on the admin API'
# As a bearer credential, which stands before any X-API-Key that is made up: nothing but 401 would be seen otherwise.
status=0
(cd "$directory" && "$schemathesis" --no-color --config-file "$root/conformance/openapi.toml" \
    run "$ADMIN_URL/openapi.json" -H "Authorization: Bearer $instance_key" -H "X-Tenant-ID: $tenant" --checks all \
    --phases examples,coverage,fuzzing --max-examples 15 --no-shrink --continue-on-failure --seed 1 "$@") \
    >"$directory/output" 2>&1 || status=$?
cases=$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$directory/output" | tail -n 1)
if [ "$status" -ne 0 ] || [ "${cases:-0}" -lt "$LEAST_CASES" ]; then
    sed 's/pv[sk]_[A-Za-z0-9_-]*/pv._…/g' "$directory/output"
    stop "schemathesis: ${cases:-no} cases were generated, at least $LEAST_CASES must be, and none may fail."
fi
stop_server
say "schemathesis on the admin API: $cases cases, none failed"
