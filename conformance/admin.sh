# What the suites of the admin API share, with a real mail server: to be sourced behind server.sh; not run by itself.
#
# Wants: what server.sh wants, and python. Sets: mails (a file to which each mail comes as a line of JSON, behind a first line
# of the mail server's own).
# shellcheck shell=bash

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
mails=$directory/mails
export PROVOST_SMTP_URL="smtp://127.0.0.1:$port" PROVOST_MAIL_FROM='Provost <no-reply@example.com>'

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
    printf '\n%s %s %s\n' "$method" "$url" "$body" | sed 's/"password": *"[^"]*"/"password":"…"/g; s/pv[ior]_[A-Za-z0-9_-]*/pv._…/g'
    status=$(curl -sS -o "$directory/answer" -w '%{http_code}' -X "$method" "${arguments[@]}" "$url")
    printf '%s ' "$status"
    sed 's/pv[skior]_[A-Za-z0-9_-]*/pv._…/g; s/"access_token":"[^"]*"/"access_token":"…"/' "$directory/answer"
    printf '\n'
    [ "$status" = "$expected" ] || { show_log; stop "expected $expected, got $status"; }
}

# want NAME… VALUE: the last answer has this value there.
want() {
    local value=${*: -1}
    [ "$(field "${@:1:$#-1}")" = "$value" ] || stop "expected ${*:1:$#-1} to be $value, got $(field "${@:1:$#-1}")"
}

# await_mails NUMBER: waits until so many mails have come.
await_mails() {
    for _ in $(seq 300); do [ "$(wc -l <"$mails")" -gt "$1" ] && return; sleep 0.1; done
    show_log
    stop "there were not $1 mails within 30 seconds"
}

# last_mail SUBJECT PREFIX: the token with this prefix in the last mail, whose subject has to be this one.
last_mail() {
    "$python" -c 'import json,re,sys
mail = json.loads(open(sys.argv[1]).readlines()[-1])
subject = dict(mail["headers"])["Subject"]
if subject != sys.argv[2]:
    sys.exit(f"the last mail is about {subject!r}, not {sys.argv[2]!r}")
if sys.argv[3:]:
    print(re.search(sys.argv[3] + "[A-Za-z0-9_-]+", mail["parts"]["text/plain"]).group())' "$mails" "$@" \
        || stop 'that is another mail than the one expected'
}
