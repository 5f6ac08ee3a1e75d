-- What a session's next access token is had for (RFC 6749 §6): SHA-256 of the token. Each works once; those that were used
-- are kept as long as their session, so that it shows when one comes again.
CREATE TABLE refresh_tokens (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_session ON refresh_tokens (tenant_id, session_id);

-- How often in a row signing in has failed, and when last. subject: 'user:' and an id, 'name:' and a digest of a name that
-- nobody has, 'address:' and a network address. No foreign key: names and addresses are nobody's.
CREATE TABLE login_failures (
    tenant_id BLOB NOT NULL,
    subject TEXT NOT NULL,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_failures_age ON login_failures (tenant_id, failed_at);
