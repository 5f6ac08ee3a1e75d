-- The tenant's own attributes of users: their definitions, and the values that users have.

-- definition: JSON. Of a removed attribute the values are kept until the tenant's retention time is over.
CREATE TABLE attribute_definitions (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    removed_at INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- A JSON object by the attributes' names; NULL for none.
ALTER TABLE users ADD COLUMN custom TEXT;

CREATE INDEX users_custom ON users (tenant_id, id) WHERE custom IS NOT NULL;

-- Values that no two users of a tenant may have. value: SHA-256 of the form in which it compares, in hexadecimal.
CREATE TABLE unique_values (
    tenant_id BLOB NOT NULL,
    resource_kind TEXT NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, path, value),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX unique_values_resource ON unique_values (tenant_id, resource_id);
