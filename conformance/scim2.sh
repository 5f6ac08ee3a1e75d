#!/usr/bin/env bash
# Runs the third-party suites against a server on each database: scim2-tester's compliance checks by way of scim2-cli,
# and conformance/models.py, an application built on scim2-client and scim2-models.
#
#   conformance/scim2.sh [sqlite|postgres]...   on the databases named, or on both
#
# The server is target/debug/provost, or PROVOST_BINARY. Each run has its own server, on a free port, and its own new
# database. PostgreSQL is found or started by tests/with-postgres.
set -euo pipefail

# Under this many checks the compliance suite did not get to its end.
LEAST_CHECKS=100

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/conformance/python
directory=$(mktemp -d "${TMPDIR:-/tmp}/provost-conformance.XXXXXX")
database=''
# shellcheck source=conformance/server.sh
. "$root/conformance/server.sh"
scim2=$("$python" --installed scim2)

# shellcheck disable=SC2317 # reached by the trap
cleanup() {
    end_server
    [ -z "$database" ] || "$python" "$root/conformance/database.py" drop "$database" || true
    rm -rf "$directory"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a suite whose lines say SUCCESS, or something else, for each check; counts them.
suite() {
    local name=$1 least=$2 status=0 output=$directory/output checks passed
    shift 2
    say "$name"
    "$@" >"$output" 2>&1 || status=$?
    checks=$(grep -cE '^[A-Z]+ ' "$output" || true)
    passed=$(grep -cE '^SUCCESS ' "$output" || true)
    if [ "$status" -ne 0 ] || [ "$passed" -ne "$checks" ] || [ "$passed" -lt "$least" ]; then
        cat "$output"
        show_log
        stop "$name: $passed of $checks checks succeeded, at least $least must, and none may fail."
    fi
    say "$name: all $checks checks succeeded"
}

run_suites() {
    start_server "$2"
    # The token goes by the environment: other users of the machine can see a command's arguments.
    suite "scim2-tester on $1" "$LEAST_CHECKS" \
        env SCIM_CLI_URL="$SCIM_URL" SCIM_CLI_HEADERS="Authorization: Bearer $SCIM_TOKEN" "$scim2" test --verbose
    suite "scim2-client on $1" 1 "$python" "$root/conformance/models.py"
    stop_server
}

on_sqlite() { run_suites SQLite "sqlite:$directory/provost.db"; }

on_postgres() {
    if [ -z "${PROVOST_TEST_POSTGRES_URL-}" ]; then
        "$root/tests/with-postgres" "$root/conformance/scim2.sh" postgres
        return
    fi
    database=$("$python" "$root/conformance/database.py" create "$PROVOST_TEST_POSTGRES_URL")
    run_suites PostgreSQL "$database"
    "$python" "$root/conformance/database.py" drop "$database"
    database=''
}

[ $# -gt 0 ] || set -- sqlite postgres
for name; do
    case $name in
        sqlite) on_sqlite ;;
        postgres) on_postgres ;;
        *) stop "no database is called $name; usage: conformance/scim2.sh [sqlite|postgres]..." ;;
    esac
done
