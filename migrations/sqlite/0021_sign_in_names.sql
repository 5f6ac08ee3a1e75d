-- By which names of the network a tenant is found where people sign in without naming it: kind is 'host' or 'email_domain'.
-- As with tenants' slugs, a name leads to one tenant of the whole instance, so this key cannot start with tenant_id.
CREATE TABLE sign_in_names (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, name),
    CONSTRAINT sign_in_names_name UNIQUE (kind, name)
) STRICT;
