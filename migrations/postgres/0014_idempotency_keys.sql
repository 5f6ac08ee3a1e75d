-- What Idempotency-Key headers made: a row is written in the transaction of the user that it tells of, so that of two
-- requests with one key exactly one makes a user. Both hashes are keyed with the secret that is kept outside the
-- database, because the request may hold a password. No foreign key: a key stays used when its user is deleted.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    status bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, key_hash)
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (tenant_id, created_at);
