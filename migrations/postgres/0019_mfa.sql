-- Authenticator apps (TOTP, RFC 6238). secret: encrypted with the instance's secret key. confirmed_at: NULL until a first
-- code was given. last_step: the last step of time whose code was used, 0 at first; no code is used twice.
CREATE TABLE mfa_factors (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    secret text NOT NULL,
    created_at bigint NOT NULL,
    confirmed_at bigint,
    last_step bigint NOT NULL,
    last_used_at bigint,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX mfa_factors_unconfirmed ON mfa_factors (tenant_id, created_at) WHERE confirmed_at IS NULL;

-- Codes that stand in for a lost device, each once. hash: SHA-256 of the code.
CREATE TABLE recovery_codes (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (tenant_id, user_id, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
