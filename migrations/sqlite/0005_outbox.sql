-- What has to leave: a row is written in the transaction of the change that it tells of. lane is the webhook's id, or
-- 16 zero bytes for mail. next_at is when the next attempt is due, and while one is under way, when its claim runs out:
-- a worker that died gives its rows back by doing nothing. ended_at is when it was delivered or given up.
CREATE TABLE outbox (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    lane BLOB NOT NULL,
    subject TEXT NOT NULL,
    target_id BLOB NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    claim BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    last_error TEXT,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Only what waits is in these: they are as small as the work that is left.
CREATE INDEX outbox_due ON outbox (next_at, tenant_id, lane) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (tenant_id, lane, next_at) WHERE state = 'pending';
CREATE INDEX outbox_claimed ON outbox (tenant_id, claim) WHERE claim IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

-- Where a tenant's events are posted to. Secrets are encrypted with the key that is kept outside the database.
CREATE TABLE webhooks (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    url TEXT NOT NULL,
    event_types TEXT NOT NULL,
    description TEXT,
    enabled INTEGER NOT NULL,
    secret_sealed TEXT NOT NULL,
    previous_secret_sealed TEXT,
    previous_secret_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_attempts (
    tenant_id BLOB NOT NULL,
    webhook_id BLOB NOT NULL,
    id BLOB NOT NULL,
    outbox_id BLOB NOT NULL,
    event_type TEXT NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    duration_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id, id),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_attempts_at ON webhook_attempts (tenant_id, at);
