-- The tenant's own attributes of users: their definitions, and the values that users have.

-- definition: JSON. Of a removed attribute the values are kept until the tenant's retention time is over.
CREATE TABLE attribute_definitions (
    tenant_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    definition text NOT NULL,
    removed_at bigint,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- A JSON object by the attributes' names; NULL for none.
ALTER TABLE users ADD COLUMN custom text;

CREATE INDEX users_custom ON users (tenant_id, id) WHERE custom IS NOT NULL;

-- Values that no two users of a tenant may have. value: SHA-256 of the form in which it compares, in hexadecimal.
CREATE TABLE unique_values (
    tenant_id uuid NOT NULL,
    resource_kind text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, path, value),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX unique_values_resource ON unique_values (tenant_id, resource_id);
