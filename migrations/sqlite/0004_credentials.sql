-- A user's password: an Argon2 hash, with the id of its pepper if it has one.
CREATE TABLE password_credentials (
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The passwords before it; changed_at is when each was set.
CREATE TABLE password_history (
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, changed_at, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- amr: words of RFC 8176, separated by spaces.
CREATE TABLE sessions (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    amr TEXT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (tenant_id, user_id, created_at);
