-- Seals make it show when audit events were changed, removed or inserted in the database itself. entries holds 32 bytes
-- for each event: its id and a keyed digest of its row. mac is an HMAC over the seal and the mac of the one before it; the
-- key is kept outside the database.
CREATE TABLE audit_seals (
    tenant_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    previous BLOB NOT NULL,
    sealed_at INTEGER NOT NULL,
    horizon INTEGER NOT NULL,
    oldest_id BLOB NOT NULL,
    newest_id BLOB NOT NULL,
    entries BLOB NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT audit_seals_number PRIMARY KEY (tenant_id, number)
) STRICT;

CREATE INDEX audit_seals_newest ON audit_seals (tenant_id, newest_id);

-- Which seal is the last one, so that it shows when that is removed too. proof is an HMAC with the same key.
CREATE TABLE audit_heads (
    tenant_id BLOB NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    mac BLOB NOT NULL,
    proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the audit log is searched by. Of actors and types only the rare are indexed: what identity providers do all day is
-- found on the way through the primary key, and is written without touching these.
CREATE INDEX audit_events_target ON audit_events (tenant_id, target_id, id);
CREATE INDEX audit_events_actor ON audit_events (tenant_id, actor_id, id)
    WHERE actor_kind NOT IN ('connection', 'system');
CREATE INDEX audit_events_kind ON audit_events (tenant_id, kind, id)
    WHERE kind NOT IN ('user.created', 'user.updated', 'group.updated');
