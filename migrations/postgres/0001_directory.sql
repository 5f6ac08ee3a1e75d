-- Every key starts with tenant_id, so that the tables can be distributed by it. Times are UTC milliseconds.

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    generation bigint NOT NULL DEFAULT 1,
    created_at bigint NOT NULL
);

CREATE TABLE connections (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    strict boolean NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT connections_name UNIQUE (tenant_id, name)
);

CREATE TABLE access_tokens (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT access_tokens_hash UNIQUE (tenant_id, hash),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);

-- No foreign key to the tenant here, nor to the connection in external_ids: every insert would lock that one row.
-- document: the answer's text, without what is computed. search: the same with folded strings and numeric times,
-- which is what filters read.
CREATE TABLE users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_name text NOT NULL,
    user_name_key text COLLATE "C" NOT NULL,
    email text,
    email_key text COLLATE "C",
    given_name text,
    middle_name text,
    family_name text,
    name_origins text NOT NULL,
    display_name text,
    phone text,
    active boolean NOT NULL,
    manager_id uuid,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    document text NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_user_name UNIQUE (tenant_id, user_name_key),
    CONSTRAINT users_email UNIQUE (tenant_id, email_key)
) WITH (fillfactor = 85);

CREATE TABLE groups (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    display_name text NOT NULL,
    display_name_key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    document text NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);

CREATE INDEX groups_display_name ON groups (tenant_id, display_name_key);

-- member_id is one of user_id and subgroup_id, which are apart so that both can be foreign keys.
CREATE TABLE memberships (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    member_id uuid NOT NULL,
    user_id uuid,
    subgroup_id uuid,
    PRIMARY KEY (tenant_id, group_id, member_id),
    CONSTRAINT memberships_one_member CHECK (
        (user_id IS NULL) <> (subgroup_id IS NULL) AND member_id = coalesce(user_id, subgroup_id)
    ),
    FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT memberships_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT memberships_subgroup FOREIGN KEY (tenant_id, subgroup_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX memberships_user ON memberships (tenant_id, user_id, group_id) WHERE user_id IS NOT NULL;
CREATE INDEX memberships_subgroup ON memberships (tenant_id, subgroup_id, group_id) WHERE subgroup_id IS NOT NULL;

-- value is folded and holds the first 256 characters. A value that several elements have is here once, so that the key
-- tells the planner that a look-up by value meets each resource once.
CREATE TABLE attribute_index (
    tenant_id uuid NOT NULL,
    resource_kind text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, path, value, resource_id)
);

-- Each connection's own names for users and groups (RFC 7643 §3.1).
CREATE TABLE external_ids (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    resource_kind text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, resource_id, connection_id)
);

CREATE INDEX external_ids_by_value ON external_ids (tenant_id, connection_id, resource_kind, external_id);

CREATE TABLE audit_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text,
    target_kind text NOT NULL,
    target_id uuid NOT NULL,
    request_id text,
    ip text,
    user_agent text,
    details text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- How many users and groups a tenant holds, striped: one row would be a queue for every writer of the tenant.
CREATE TABLE resource_counts (
    tenant_id uuid NOT NULL,
    resource_kind text COLLATE "C" NOT NULL,
    stripe smallint NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, stripe)
) WITH (fillfactor = 20);
