"""Makes and drops a PostgreSQL database of one's own, beside the one that a connection URL names.

    database.py create URL   prints the URL of a new, empty database
    database.py drop URL     drops the database that URL names, which `create` printed
"""

import os
import sys
import uuid
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

PREFIX = "provost_conformance_"


def create(url: str) -> None:
    name = PREFIX + uuid.uuid4().hex
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    print(urlunsplit(urlsplit(url)._replace(path=f"/{name}")))


def drop(url: str) -> None:
    name = urlsplit(url).path.removeprefix("/")
    if not name.startswith(PREFIX):
        sys.exit(f"database.py: {name} was not made by `create`, so it is not dropped")
    with psycopg.connect(os.environ["PROVOST_TEST_POSTGRES_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["create", url]:
            create(url)
        case ["drop", url]:
            drop(url)
        case _:
            sys.exit(__doc__)
