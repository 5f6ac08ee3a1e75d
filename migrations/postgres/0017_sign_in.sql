-- What a session's next access token is had for (RFC 6749 §6): SHA-256 of the token. Each works once; those that were used
-- are kept as long as their session, so that it shows when one comes again.
CREATE TABLE refresh_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (tenant_id, session_id);

-- How often in a row signing in has failed, and when last. subject: 'user:' and an id, 'name:' and a digest of a name that
-- nobody has, 'address:' and a network address. No foreign key: names and addresses are nobody's.
CREATE TABLE login_failures (
    tenant_id uuid NOT NULL,
    subject text COLLATE "C" NOT NULL,
    failures bigint NOT NULL,
    failed_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);

CREATE INDEX login_failures_age ON login_failures (tenant_id, failed_at);
