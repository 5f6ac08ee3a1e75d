-- Authenticator apps (TOTP, RFC 6238). secret: encrypted with the instance's secret key. confirmed_at: NULL until a first
-- code was given. last_step: the last step of time whose code was used, 0 at first; no code is used twice.
CREATE TABLE mfa_factors (
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX mfa_factors_unconfirmed ON mfa_factors (tenant_id, created_at) WHERE confirmed_at IS NULL;

-- Codes that stand in for a lost device, each once. hash: SHA-256 of the code.
CREATE TABLE recovery_codes (
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (tenant_id, user_id, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
