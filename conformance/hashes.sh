#!/usr/bin/env bash
# Users come with password hashes that passlib, bcrypt, argon2-cffi, Django and firebase-scrypt made, and sign in: see
# conformance/hashes.py, for which this starts a server.
#
#   conformance/hashes.sh [--full]
#
# --full: as many rounds as the software itself chooses, which wants an optimised server (PROVOST_BINARY).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/conformance/python
"$python" -c 'import passlib'
directory=$(mktemp -d "${TMPDIR:-/tmp}/provost-hashes.XXXXXX")
# shellcheck source=conformance/server.sh
. "$root/conformance/server.sh"
trap 'end_server; rm -rf "$directory"' EXIT

start_server "sqlite:$directory/provost.db"
ADMIN_KEY=$(printed 'Admin key')
export ADMIN_KEY
"$python" "$root/conformance/hashes.py" "$@" "$directory/provost.db" || { show_log; stop 'a hash did not work.'; }
stop_server
