-- What a tenant forbids and permits beyond its roles, in Cedar's language. name_key is the folded name.
CREATE TABLE policies (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    text TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT policies_name UNIQUE (tenant_id, name_key)
) STRICT;
