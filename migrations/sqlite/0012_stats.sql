-- What was counted in each hour: hour is in hours since 1970, connection_id is the nil UUID where it is nobody's.
CREATE TABLE hourly_counts (
    tenant_id BLOB NOT NULL,
    hour INTEGER NOT NULL,
    name TEXT NOT NULL,
    connection_id BLOB NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hour, name, connection_id)
) STRICT, WITHOUT ROWID;

-- The users who are not simply active: few, so that counting by status reads little.
CREATE INDEX users_not_active ON users (tenant_id, standing, active) WHERE standing <> 'normal' OR NOT active;

-- Tenants whose data is being removed.
CREATE INDEX tenants_deleting ON tenants (id) WHERE status = 'deleting';
