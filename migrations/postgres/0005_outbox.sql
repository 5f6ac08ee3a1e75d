-- What has to leave: a row is written in the transaction of the change that it tells of. lane is the webhook's id, or
-- the nil UUID for mail. next_at is when the next attempt is due, and while one is under way, when its claim runs out:
-- a worker that died gives its rows back by doing nothing. ended_at is when it was delivered or given up.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    lane uuid NOT NULL,
    subject text NOT NULL,
    target_id uuid NOT NULL,
    payload text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts bigint NOT NULL DEFAULT 0,
    next_at bigint NOT NULL,
    claim uuid,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    last_error text,
    PRIMARY KEY (tenant_id, id)
);

-- Only what waits is in these: they are as small as the work that is left.
CREATE INDEX outbox_due ON outbox (next_at, tenant_id, lane) WHERE state = 'pending';
CREATE INDEX outbox_lane ON outbox (tenant_id, lane, next_at) WHERE state = 'pending';
CREATE INDEX outbox_claimed ON outbox (tenant_id, claim) WHERE claim IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

-- Where a tenant's events are posted to. Secrets are encrypted with the key that is kept outside the database.
CREATE TABLE webhooks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    url text NOT NULL,
    event_types text NOT NULL,
    description text,
    enabled boolean NOT NULL,
    secret_sealed text NOT NULL,
    previous_secret_sealed text,
    previous_secret_until bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE webhook_attempts (
    tenant_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    id uuid NOT NULL,
    outbox_id uuid NOT NULL,
    event_type text NOT NULL,
    at bigint NOT NULL,
    status bigint,
    error text,
    duration_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, webhook_id, id),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX webhook_attempts_at ON webhook_attempts (tenant_id, at);
