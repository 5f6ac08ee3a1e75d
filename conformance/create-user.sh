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
# shellcheck source=conformance/admin.sh
. "$root/conformance/admin.sh"

start_server "sqlite:$directory/provost.db"
instance_key=$(cd "$directory" && "$binary" key create --instance --json --database "sqlite:$directory/provost.db" \
    | sed -n 's/.*"key":"\([^"]*\)".*/\1/p')

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
await_mails 1
token=$(last_mail "You've been invited to Nist" pvi_)
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
