# A server of our own for the suites that source this file; not run by itself.
#
# Wants: name (of the suite), root, directory (a new temporary one). Sets: SCIM_URL, SCIM_TOKEN, ADMIN_URL, server.
# shellcheck shell=bash

say() { printf 'conformance: %s\n' "$*"; }
stop() { say "$*" >&2; exit 1; }

binary=${PROVOST_BINARY:-${CARGO_TARGET_DIR:-$root/target}/debug/provost}
[ -x "$binary" ] || stop "there is no server at $binary; 'make conformance' builds it first."
log=$directory/server.log
server=''

# Ends the server, however it is; for traps.
end_server() { [ -z "$server" ] || { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true; }

# What the server printed after this label.
printed() { sed -n "s/^.*$1: *\([^ ]*\).*$/\1/p" "$log" | head -n 1; }

# Shows the end of the server's log, with its secrets left out.
show_log() { tail -n 50 "$log" | sed -e 's/pv[sk]_[A-Za-z0-9_-]*/pv._…/g' -e "s/\(password: *\).*/\1…/" >&2; }

# Starts the server on a database; what it prints is in $log.
start_server() {
    local waited=0
    : >"$log"
    # In the temporary directory, where no settings file and no provost.db of the caller's is found.
    (cd "$directory" && exec "$binary" serve --listen 127.0.0.1:0 --database "$1") >"$log" 2>&1 </dev/null &
    server=$!
    while :; do
        SCIM_URL=$(printed 'SCIM base URL')
        ADMIN_URL=$(printed 'Admin API')
        SCIM_TOKEN=$(printed 'SCIM token')
        [ -z "$SCIM_URL" ] || [ -z "$ADMIN_URL" ] || [ -z "$SCIM_TOKEN" ] || break
        kill -0 "$server" 2>/dev/null || { show_log; stop 'the server ended instead of serving; see its log above.'; }
        [ "$waited" -lt 300 ] || { show_log; stop 'the server printed no base URL and token within 30 seconds.'; }
        waited=$((waited + 1))
        sleep 0.1
    done
    export SCIM_URL SCIM_TOKEN ADMIN_URL
}

# Asks the server to stop, which it does cleanly once nothing is under way.
stop_server() {
    local status=0 waited=0
    kill -TERM "$server"
    while kill -0 "$server" 2>/dev/null; do
        [ "$waited" -lt 400 ] || { show_log; stop 'the server was still there 40 seconds after it was asked to stop.'; }
        waited=$((waited + 1))
        sleep 0.1
    done
    wait "$server" || status=$?
    server=''
    [ "$status" -eq 0 ] || { show_log; stop "the server ended with exit code $status when it was asked to stop."; }
}
