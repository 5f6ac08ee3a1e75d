"""Creates users with the password hashes that other software makes, and signs each of them in.

    hashes.py [--full] DATABASE

For every hash: a wrong password is refused, the right one is let in, the stored hash is Argon2id then, and the right one
is let in again. Prints a line for each; ends with 1 if one of them does not work. Expects ADMIN_URL and ADMIN_KEY in its
environment, and the path of the server's SQLite database; conformance/hashes.sh provides them.

A server that was built for debugging takes a hundred times as long for a round of PBKDF2 or SHA-crypt, so there are fewer
of them; with --full there are as many as the software itself chooses.
"""

import base64
import hashlib
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import bcrypt
import firebase_scrypt
from argon2 import PasswordHasher, Type
from django.conf import settings
from django.contrib.auth.hashers import get_hasher, make_password
from passlib import hash as passlib

# Not ASCII, and another text in NFKC: the software hashes what is typed.
PASSWORD = "Grüße, Ⅸ Llamas & ﬁve owls"
WRONG = "Grüße, Ⅸ Llamas & ﬁve cats"

# The names of Django's hashers, and of passlib's; and the rounds of those that are slow.
DJANGO = ["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt", "md5"]
DJANGO_ROUNDS = {"pbkdf2_sha256": 5_000, "pbkdf2_sha1": 5_000}
PASSLIB_ROUNDS = {
    "pbkdf2_sha1": 5_000,
    "pbkdf2_sha256": 5_000,
    "pbkdf2_sha512": 5_000,
    "sha256_crypt": 20_000,
    "sha512_crypt": 20_000,
    "ldap_sha512_crypt": 20_000,
    # As a power of two, which is phpBB's.
    "phpass": 11,
}
PASSLIB = [
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha512",
    "scrypt",
    "sha256_crypt",
    "sha512_crypt",
    "phpass",
    "ldap_salted_md5",
    "ldap_salted_sha1",
    "ldap_salted_sha256",
    "ldap_salted_sha512",
    "ldap_md5",
    "ldap_sha1",
    "ldap_sha512_crypt",
    "django_salted_sha1",
]
DIGESTS = ["md5", "sha1", "sha256", "sha512"]


def hashes(full: bool) -> Iterator[tuple[str, str]]:
    """What made a hash, and the hash."""
    rounds = {} if full else PASSLIB_ROUNDS
    for version in (b"2a", b"2b"):
        yield f"bcrypt {version.decode()}", bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10, version)).decode()
    # PHP's name for the same.
    yield "bcrypt 2y", bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode().replace("$2b$", "$2y$")
    for kind in (Type.ID, Type.I, Type.D):
        yield f"argon2-cffi {kind.name}", PasswordHasher(type=kind).hash(PASSWORD)
    for name in PASSLIB:
        hasher = getattr(passlib, name)
        hasher = hasher.using(rounds=rounds[name]) if name in rounds else hasher
        yield f"passlib {name}", hasher.hash(PASSWORD)
    for name in DJANGO:
        if name in DJANGO_ROUNDS and not full:
            hasher = get_hasher(name)
            yield f"Django {name}", hasher.encode(PASSWORD, hasher.salt(), DJANGO_ROUNDS[name])
        else:
            yield f"Django {name}", make_password(PASSWORD, hasher=name)
    yield "firebase-scrypt", firebase()
    for name in DIGESTS:
        yield from digests(name)


def firebase() -> str:
    """Parameters as Firebase's console shows them, and the hash that firebase-scrypt makes with them."""
    salt, separator = base64.b64encode(os.urandom(10)).decode(), "Bw=="
    key = base64.b64encode(os.urandom(64)).decode()
    derived = firebase_scrypt.generate_derived_key(PASSWORD, salt, separator, 8, 14)
    hashed = base64.b64encode(firebase_scrypt.encrypt(base64.b64decode(key), derived)).decode()
    return f"$fbscrypt$v=1,n=14,r=8,p=1,ss={separator},sk={key}${salt}${hashed}"


def digests(name: str) -> Iterator[tuple[str, str]]:
    """Plain and salted, in the form that docs/guides/admin-api.md describes."""
    salt, password = os.urandom(8), PASSWORD.encode()
    for place, salted in (("none", password), ("prefix", salt + password), ("suffix", password + salt)):
        digest = hashlib.new(name, salted).digest()
        shown = "" if place == "none" else salt.hex()
        yield f"hashlib {name}, hex, {place}", f"{{digest}}{name}:hex:{place}:{shown}:{digest.hex()}"
        encoded = base64.b64encode(digest).decode()
        yield f"hashlib {name}, base64, {place}", f"{{digest}}{name}:base64:{place}:{shown}:{encoded}"


def post(url: str, body: dict[str, str], headers: dict[str, str] | None = None) -> tuple[int, dict]:
    """The status and the body of the answer."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def stored(database: str, user: str) -> str:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        query = "SELECT hash FROM password_credentials WHERE hex(user_id) = ?"
        return connection.execute(query, (user.replace("-", "").upper(),)).fetchone()[0]


def try_out(database: str, name: str, password_hash: str) -> str | None:
    """What goes wrong with a user who has this hash, if anything does."""
    admin_url = os.environ["ADMIN_URL"]
    login_url = admin_url.removesuffix("/v1") + "/auth/login"
    new = {"user_name": name, "action": "register", "password_hash": password_hash}
    status, user = post(f"{admin_url}/users", new, {"X-API-Key": os.environ["ADMIN_KEY"]})
    if status != 201:
        return f"creating the user: {status} {user.get('code')} {user.get('details')}"
    if stored(database, user["id"]) != password_hash:
        return "the hash was not stored as it is"
    for step, (password, expected) in enumerate([(WRONG, 401), (PASSWORD, 200), (PASSWORD, 200), (WRONG, 401)], 1):
        status, answer = post(login_url, {"user_name": name, "password": password})
        if status != expected:
            return f"sign-in {step}: {status} {answer.get('code')}, not {expected}"
    if not stored(database, user["id"]).startswith("$argon2id$v=19$m=19456,t=2,p=1$"):
        return "the password was not hashed anew"
    return None


def main() -> None:
    settings.configure(
        PASSWORD_HASHERS=[
            f"django.contrib.auth.hashers.{name}PasswordHasher"
            for name in ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5"]
        ]
    )
    full, database = "--full" in sys.argv[1:], sys.argv[-1]
    failures, count = 0, 0
    for count, (made_by, password_hash) in enumerate(hashes(full), 1):
        begun = time.monotonic()
        problem = try_out(database, f"user-{count}", password_hash)
        took = time.monotonic() - begun
        failures += problem is not None
        print(f"{'FAILED' if problem else 'ok    '}  {made_by}: {problem or f'{took:.1f} s'}", flush=True)
    print(f"{count - failures} of {count} hashes that other software made sign in and are hashed anew")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
