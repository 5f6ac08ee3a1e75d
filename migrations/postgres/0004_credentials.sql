-- A user's password: an Argon2 hash, with the id of its pepper if it has one.
CREATE TABLE password_credentials (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    hash text NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- The passwords before it; changed_at is when each was set.
CREATE TABLE password_history (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    changed_at bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id, changed_at, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- amr: words of RFC 8176, separated by spaces.
CREATE TABLE sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    amr text NOT NULL,
    ip text,
    user_agent text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX sessions_user ON sessions (tenant_id, user_id, created_at);
