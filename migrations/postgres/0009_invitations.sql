-- Who was asked to join, by whom, and what became of it. state: pending, accepted or revoked; a pending one whose time is
-- over is expired. No foreign key to the user: what was revoked outlives the user that went with it. sent_at is when the
-- link that is good now was mailed; NULL where it was shown to who invited.
CREATE TABLE invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    state text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by_kind text NOT NULL,
    invited_by_id uuid,
    invited_by_name text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    sent_at bigint,
    accepted_at bigint,
    revoked_at bigint,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_token UNIQUE (tenant_id, token_hash)
);

CREATE INDEX invitations_user ON invitations (tenant_id, user_id, created_at);
CREATE INDEX invitations_email ON invitations (tenant_id, email_key);
