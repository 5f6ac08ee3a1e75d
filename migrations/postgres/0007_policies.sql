-- What a tenant forbids and permits beyond its roles, in Cedar's language. name_key is the folded name.
CREATE TABLE policies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    text text NOT NULL,
    enabled boolean NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT policies_name UNIQUE (tenant_id, name_key)
);
