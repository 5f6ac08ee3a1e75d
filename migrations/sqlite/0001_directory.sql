-- Every key starts with tenant_id, as on PostgreSQL. Times are UTC milliseconds, ids are the UUID's 16 bytes.

CREATE TABLE tenants (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE connections (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    strict INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT connections_name UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE access_tokens (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT access_tokens_hash UNIQUE (tenant_id, hash),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id)
) STRICT;

-- No foreign key to the tenant here, nor to the connection in external_ids: every insert would lock that one row.
-- document: the answer's text, without what is computed. search: the same with folded strings and numeric times,
-- which is what filters read.
CREATE TABLE users (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    given_name TEXT,
    middle_name TEXT,
    family_name TEXT,
    name_origins TEXT NOT NULL,
    display_name TEXT,
    phone TEXT,
    active INTEGER NOT NULL,
    manager_id BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    search TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_user_name UNIQUE (tenant_id, user_name_key),
    CONSTRAINT users_email UNIQUE (tenant_id, email_key)
) STRICT;

CREATE TABLE groups (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    display_name TEXT NOT NULL,
    display_name_key TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    search TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE INDEX groups_display_name ON groups (tenant_id, display_name_key);

-- member_id is one of user_id and subgroup_id, which are apart so that both can be foreign keys.
CREATE TABLE memberships (
    tenant_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    user_id BLOB,
    subgroup_id BLOB,
    PRIMARY KEY (tenant_id, group_id, member_id),
    CHECK ((user_id IS NULL) <> (subgroup_id IS NULL) AND member_id = coalesce(user_id, subgroup_id)),
    FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, subgroup_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_user ON memberships (tenant_id, user_id, group_id) WHERE user_id IS NOT NULL;
CREATE INDEX memberships_subgroup ON memberships (tenant_id, subgroup_id, group_id) WHERE subgroup_id IS NOT NULL;

-- value is folded and holds the first 256 characters. A value that several elements have is here once, so that the key
-- tells the planner that a look-up by value meets each resource once.
CREATE TABLE attribute_index (
    tenant_id BLOB NOT NULL,
    resource_kind TEXT NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, path, value, resource_id)
) STRICT, WITHOUT ROWID;

-- Each connection's own names for users and groups (RFC 7643 §3.1).
CREATE TABLE external_ids (
    tenant_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id BLOB NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, resource_id, connection_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX external_ids_by_value ON external_ids (tenant_id, connection_id, resource_kind, external_id);

CREATE TABLE audit_events (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT,
    target_kind TEXT NOT NULL,
    target_id BLOB NOT NULL,
    request_id TEXT,
    ip TEXT,
    user_agent TEXT,
    details TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- How many users and groups a tenant holds; striped as on PostgreSQL, though one writer needs a single stripe.
CREATE TABLE resource_counts (
    tenant_id BLOB NOT NULL,
    resource_kind TEXT NOT NULL,
    stripe INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, resource_kind, stripe)
) STRICT, WITHOUT ROWID;
