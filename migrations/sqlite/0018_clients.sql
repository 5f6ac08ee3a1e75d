-- OAuth 2.0 clients (RFC 6749 §2): each is a connection's or a service account's, and has either SHA-256 of its secret or
-- its public keys (a JWK Set). scopes: nothing where it is bounded to none.
CREATE TABLE clients (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    connection_id BLOB,
    user_id BLOB,
    name TEXT NOT NULL,
    secret_hash BLOB,
    jwks TEXT,
    scopes TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CHECK ((connection_id IS NULL) <> (user_id IS NULL)),
    CHECK ((secret_hash IS NULL) <> (jwks IS NULL))
) STRICT;

CREATE INDEX clients_connection ON clients (tenant_id, connection_id) WHERE connection_id IS NOT NULL;
CREATE INDEX clients_user ON clients (tenant_id, user_id) WHERE user_id IS NOT NULL;

-- The assertions that clients have shown, by SHA-256 of their jti: each is good once (RFC 7523 §3). They are kept until
-- they have expired.
CREATE TABLE client_assertions (
    tenant_id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    jti_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, client_id, jti_hash),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX client_assertions_age ON client_assertions (tenant_id, client_id, expires_at);
