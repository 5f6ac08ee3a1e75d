#!/usr/bin/env bash
# Signs somebody in the whole way, against a freshly started server with a real mail server, with plain curl: a temporary
# password and a second factor that has to be set up, refreshing, a stolen refresh token, a password reset by mail. Codes come
# from oathtool, and the access token is verified by PyJWT. Stops at the first answer that is not the one expected.
#
#   conformance/auth.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/conformance/python
"$python" -c 'import aiosmtpd, jwt'
directory=$(mktemp -d "${TMPDIR:-/tmp}/provost-auth.XXXXXX")
# shellcheck source=conformance/server.sh
. "$root/conformance/server.sh"
if ! command -v oathtool >/dev/null; then
    { [ "$(id -u)" -eq 0 ] && [ -e /etc/debian_version ]; } \
        || stop 'oathtool was not found; install it (Debian, Ubuntu: apt-get install oathtool; macOS: brew install oath-toolkit).'
    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends oathtool; } >&2 \
        || stop 'apt-get could not install oathtool; install it by hand and run this again.'
fi
# shellcheck source=conformance/admin.sh
. "$root/conformance/admin.sh"

start_server "sqlite:$directory/provost.db"
auth=${ADMIN_URL%/v1}/auth
key=$(cd "$directory" && "$binary" key create --json --database "sqlite:$directory/provost.db" \
    | sed -n 's/.*"key":"\([^"]*\)".*/\1/p')
first='seventeen purple llamas' second='eleven yellow submarines' third='nineteen silent orchards'

# login STATUS PASSWORD: ada signs in.
login() { call "$1" POST "$auth/login" "{\"user_name\":\"ada\",\"password\":\"$2\"}"; }

# challenged STATUS PATH FIELDS: goes on with the challenge of the last answer.
challenged() {
    local challenge
    challenge=$(field details challenge)
    call "$1" POST "$auth/challenge/$2" "{\"challenge\":\"$challenge\"$3}"
}

# A code of the app. Codes work once, so each one waits for a step of time that was not used yet.
used=0
code() {
    local now
    while now=$(date +%s) && [ $((now / 30)) -le "$used" ]; do sleep 1; done
    used=$((now / 30))
    code=$(oathtool --totp --base32 "$secret")
}

say 'a user with a temporary password, who has to have a second factor'
call 201 POST "$ADMIN_URL/users" \
    "{\"user_name\":\"ada\",\"email\":\"ada@example.com\",\"password\":\"$first\",\"must_reset_password\":true,\"must_enrol_mfa\":true}" \
    "X-API-Key: $key"
id=$(field id)

say 'the first sign-in asks for the second factor, then for another password'
login 403 "$first"
want code mfa_enrolment_required
challenge=$(field details challenge)
challenged 201 mfa-enrolment ',"name":"oathtool"'
secret=$(field secret) factor=$(field id)
code
call 403 POST "$auth/challenge/mfa-enrolment/confirm" "{\"challenge\":\"$challenge\",\"factor_id\":\"$factor\",\"code\":\"$code\"}"
want code password_reset_required
recovery=$(field details recovery_codes 0)
challenged 200 password ",\"password\":\"$second\""
want token_type Bearer

say 'from then on a code is asked for; a recovery code stands in for one'
login 403 "$second"
want code mfa_required
challenge=$(field details challenge)
call 401 POST "$auth/challenge/mfa" "{\"challenge\":\"$challenge\",\"code\":\"$code\"}"
want code invalid_code
code
call 200 POST "$auth/challenge/mfa" "{\"challenge\":\"$challenge\",\"code\":\"$code\"}"
access=$(field access_token) refresh=$(field refresh_token)
call 200 GET "$ADMIN_URL/users/$id" '' "Authorization: Bearer $access"
want mfa enrolled true

say 'PyJWT verifies the access token with the keys of the JWKS URL'
"$python" - "${ADMIN_URL%/v1}" "$access" "$id" <<'PYTHON'
import sys
import jwt
root, token, user = sys.argv[1:]
key = jwt.PyJWKClient(f"{root}/.well-known/jwks.json").get_signing_key_from_jwt(token)
claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer=root, audience=f"{root}/v1",
                    options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]})
assert claims["sub"] == user and claims["amr"] == ["pwd", "otp", "mfa"], claims
assert claims["exp"] - claims["iat"] == 600, claims
print({name: claims[name] for name in sorted(claims)})
PYTHON

say 'a refresh token works once; used again it ends its session'
call 200 POST "$auth/refresh" "{\"refresh_token\":\"$refresh\"}"
next=$(field refresh_token)
for token in "$refresh" "$next"; do
    call 401 POST "$auth/refresh" "{\"refresh_token\":\"$token\"}"
    want code invalid_refresh_token
done
call 401 GET "$ADMIN_URL/users/$id" '' "Authorization: Bearer $access"

say 'a mail resets the password, and ends the sessions from before'
login 403 "$second"
challenged 200 mfa ",\"code\":\"$recovery\""
refresh=$(field refresh_token) access=$(field access_token)
call 202 POST "$auth/password/forgot" '{"email":"ada@example.com"}'
await_mails 1
token=$(last_mail 'Reset your password for Default' pvo_)
call 204 POST "$auth/password/reset" "{\"token\":\"$token\",\"password\":\"$third\"}"
call 410 POST "$auth/password/reset" "{\"token\":\"$token\",\"password\":\"$third\"}"
await_mails 2
last_mail 'Your password for Default was changed'
call 401 POST "$auth/refresh" "{\"refresh_token\":\"$refresh\"}"
call 401 GET "$ADMIN_URL/users/$id" '' "Authorization: Bearer $access"
login 401 "$second"
login 403 "$third"
want code mfa_required
code
challenged 200 mfa ",\"code\":\"$code\""
want user email_verified true

stop_server
say 'signing in works the whole way'
