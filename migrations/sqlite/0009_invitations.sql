-- Who was asked to join, by whom, and what became of it. state: pending, accepted or revoked; a pending one whose time is
-- over is expired. No foreign key to the user: what was revoked outlives the user that went with it. sent_at is when the
-- link that is good now was mailed; NULL where it was shown to who invited.
CREATE TABLE invitations (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    state TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    invited_by_kind TEXT NOT NULL,
    invited_by_id BLOB,
    invited_by_name TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sent_at INTEGER,
    accepted_at INTEGER,
    revoked_at INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_token UNIQUE (tenant_id, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_user ON invitations (tenant_id, user_id, created_at);
CREATE INDEX invitations_email ON invitations (tenant_id, email_key);
