-- What links in mails carry: SHA-256 of the token, and the address that it was mailed to.
CREATE TABLE one_time_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    email text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX one_time_tokens_user ON one_time_tokens (tenant_id, user_id, kind);
