#!/usr/bin/env bash
# Creates users in every way that the admin API has, against a freshly started server, with plain curl, and prints each
# answer: one tenant for each password policy, a real mail server, and an invitation from its sending to the sign-in that
# follows. Stops at the first answer that is not the one expected.
#
#   conformance/create-user.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/conformance/python
"$python" -c 'import aiosmtpd'
directory=$(mktemp -d "${TMPDIR:-/tmp}/provost-create-user.XXXXXX")
# shellcheck source=conformance/server.sh
. "$root/conformance/server.sh"
mail=''
cleanup() {
    end_server
    [ -z "$mail" ] || { kill "$mail" && wait "$mail"; } 2>/dev/null || true
    rm -rf "$directory"
}
trap cleanup EXIT

# The mail server lives until its standard input ends; each line that it writes is a mail, as JSON.
mkfifo "$directory/held"
"$python" "$root/tests/delivery/smtp_server.py" <"$directory/held" >"$directory/mails" 2>"$directory/mail.log" &
mail=$!
exec 9>"$directory/held"
for _ in $(seq 100); do [ -s "$directory/mails" ] && break; sleep 0.1; done
port=$("$python" -c 'import json,sys; print(json.loads(open(sys.argv[1]).readline())["port"])' "$directory/mails")
export PROVOST_SMTP_URL="smtp://127.0.0.1:$port" PROVOST_MAIL_FROM='Provost <no-reply@example.com>'

start_server "sqlite:$directory/provost.db"
instance_key=$(cd "$directory" && "$binary" key create --instance --json --database "sqlite:$directory/provost.db" \
    | sed -n 's/.*"key":"\([^"]*\)".*/\1/p')

# field NAME…: a value of the last answer, by the names on the way to it.
field() {
    "$python" -c 'import json,sys,functools
value = functools.reduce(lambda v, n: v[int(n)] if isinstance(v, list) else v[n], sys.argv[2:], json.load(open(sys.argv[1])))
print(value if isinstance(value, str) else json.dumps(value))' "$directory/answer" "$@"
}

# call STATUS METHOD URL [BODY [HEADER…]]: sends a request, prints the answer, and wants this status.
call() {
    local expected=$1 method=$2 url=$3 body=${4-} status arguments=() header
    shift 3; [ $# -eq 0 ] || shift
    for header; do arguments+=(-H "$header"); done
    [ -z "$body" ] || arguments+=(-H 'Content-Type: application/json' -d "$body")
    printf '\n%s %s %s\n' "$method" "$url" "$body" | sed 's/"password": *"[^"]*"/"password":"…"/g; s/pvi_[A-Za-z0-9_-]*/pvi_…/g'
    status=$(curl -sS -o "$directory/answer" -w '%{http_code}' -X "$method" "${arguments[@]}" "$url")
    printf '%s ' "$status"
    sed 's/pv[ski]_[A-Za-z0-9_-]*/pv._…/g; s/"access_token":"[^"]*"/"access_token":"…"/' "$directory/answer"
    printf '\n'
    [ "$status" = "$expected" ] || { show_log; stop "expected $expected, got $status"; }
}

# want NAME… VALUE: the last answer has this value there.
want() {
    local value=${*: -1}
    [ "$(field "${@:1:$#-1}")" = "$value" ] || stop "expected ${*:1:$#-1} to be $value, got $(field "${@:1:$#-1}")"
}

# tenant SLUG POLICY: makes a tenant; sets tenant (its id) and key (one of its own).
tenant() {
    call 201 POST "$ADMIN_URL/tenants" \
        "{\"slug\":\"$1\",\"name\":\"${1^}\",\"owner\":{\"user_name\":\"owner\"},\"settings\":{\"default_region\":\"CH\",\"password_policy\":{\"preset\":\"$2\"}}}" \
        "X-API-Key: $instance_key"
    tenant=$(field id 2>/dev/null || field tenant id)
    call 201 POST "$ADMIN_URL/api-keys" '{"name":"create-user"}' "X-API-Key: $instance_key" "X-Tenant-ID: $tenant"
    key=$(field key)
}

say 'by user name, password and role, with X-API-Key'
tenant minimal minimal
call 201 POST "$ADMIN_URL/users" '{"user_name":"grace","password":"foobarbaz","roles":["MANAGER"]}' "x-api-key: $key"
want roles '["manager"]'
want status active

say 'with X-Tenant-ID and a bearer credential'
call 201 POST "$ADMIN_URL/users" \
    '{"email":"alan@example.com","name":"Alan Mathison Turing","password":"foobarbaz","roles":["user"],"auth_provider":"local"}' \
    "Authorization: Bearer $instance_key" "X-Tenant-ID: ${tenant^^}"
want user_name alan@example.com
want given_name Alan
want family_name Turing
call 403 POST "$ADMIN_URL/users" '{"user_name":"x","password":"foobarbaz"}' "Authorization: Bearer $key" \
    'X-Tenant-ID: 01890a5d-ac96-774b-bcce-b302099a8057'
want code tenant_mismatch

say 'with first and last name, phone and groups; then the roles, and a change'
tenant classic classic
call 201 POST "$ADMIN_URL/groups" '{"name":"Engineering","kind":"group"}' "X-API-Key: $key"
group=$(field id)
ada="\"user_name\":\"ada\",\"given_name\":\"Ada\",\"family_name\":\"King\",\"phone\":\"044 668 18 00\",\"groups\":[\"$group\"]"
call 422 POST "$ADMIN_URL/users" "{$ada,\"password\":\"no upper\"}" "X-API-Key: $key"
want code password_policy
call 201 POST "$ADMIN_URL/users" "{$ada,\"password\":\"Corr3ct-horses!\"}" "X-API-Key: $key"
want phone +41446681800
want groups 0 name Engineering
user=$(field id)
call 200 GET "$ADMIN_URL/roles" '' "X-API-Key: $key"
want roles 2 name manager
call 200 PATCH "$ADMIN_URL/users/$user" '{"family_name":"Lovelace","roles":["manager"],"phone":null}' "X-API-Key: $key"
want family_name Lovelace
want roles '["manager"]'

say 'directly, with the three toggles, custom attributes and a name of several words'
tenant nist nist
call 201 POST "$ADMIN_URL/attributes" \
    '{"name":"cost_center","display_name":"Cost centre","type":"string","searchable":true}' "X-API-Key: $key"
call 201 POST "$ADMIN_URL/users" \
    '{"user_name":"ludwig","name":"Ludwig van Beethoven","password":"seventeen purple llamas","email":"ludwig@example.com","email_verified":true,"must_reset_password":true,"must_enrol_mfa":true,"custom":{"cost_center":"4711"}}' \
    "X-API-Key: $key"
want given_name Ludwig
want family_name 'van Beethoven'
want email_verified true
want must_reset_password true
want must_enrol_mfa true
want custom cost_center 4711

say 'action: register, with roles and resource groups'
call 201 POST "$ADMIN_URL/groups" '{"name":"Berlin","kind":"resource_group"}' "X-API-Key: $key"
place=$(field id)
call 201 POST "$ADMIN_URL/users" \
    "{\"action\":\"register\",\"email\":\"emmy@example.com\",\"name\":\"Emmy Noether\",\"password\":\"seventeen purple llamas\",\"roles\":[\"user\"],\"resource_groups\":[\"$place\"]}" \
    "X-API-Key: $key"
want resource_groups 0 name Berlin

say 'action: invite, through to the accepted invitation and the sign-in that follows'
call 201 POST "$ADMIN_URL/users" \
    "{\"action\":\"invite\",\"email\":\"lise@example.com\",\"roles\":[\"manager\"],\"resource_groups\":[\"$place\"]}" "X-API-Key: $key"
want status invited
for _ in $(seq 300); do [ "$(wc -l <"$directory/mails")" -ge 2 ] && break; sleep 0.1; done
[ "$(wc -l <"$directory/mails")" -ge 2 ] || { show_log; stop 'no mail came within 30 seconds'; }
subject=$("$python" -c 'import json,sys
print(dict(json.loads(open(sys.argv[1]).readlines()[-1])["headers"])["Subject"])' "$directory/mails")
say "the mail's subject: $subject"
[ "$subject" = "You've been invited to Nist" ] || stop 'that is not the subject of an invitation to Nist'
token=$("$python" -c 'import json,re,sys
print(re.search(r"pvi_[A-Za-z0-9_-]+", json.loads(open(sys.argv[1]).readlines()[-1])["parts"]["text/plain"]).group())' "$directory/mails")
root_url=${ADMIN_URL%/v1}
call 200 GET "$root_url/auth/invitations/$token"
want email lise@example.com
call 200 POST "$root_url/auth/invitations/accept" \
    "{\"token\":\"$token\",\"password\":\"seventeen purple llamas\",\"name\":\"Lise Meitner\"}"
want user status active
want user email_verified true
want token_type Bearer
access=$(field access_token)
call 200 GET "$ADMIN_URL/users?role=manager" '' "Authorization: Bearer $access"
want users 0 user_name lise@example.com
call 410 POST "$root_url/auth/invitations/accept" "{\"token\":\"$token\",\"password\":\"seventeen purple llamas\"}"
want code invitation_accepted
call 200 POST "$root_url/auth/login" '{"tenant":"nist","email":"lise@example.com","password":"seventeen purple llamas"}'
want user family_name Meitner
access=$(field access_token)
call 200 GET "$ADMIN_URL/users?role=manager" '' "Authorization: Bearer $access"
want users 0 user_name lise@example.com

stop_server
say 'every way of creating a user works'
