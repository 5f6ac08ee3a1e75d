-- What an account is besides a person's data, who may do what, and the keys of those who call the API.

-- generation moves with each change that a compiled snapshot holds; guard with each change to who owns or administers.
ALTER TABLE tenants ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
ALTER TABLE tenants ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN guard INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tenants ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE tenants SET updated_at = created_at;

-- roles: ids of the roles given directly; NULL means the built-in role 'user' alone, which nearly everybody has.
ALTER TABLE users ADD COLUMN standing TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE users ADD COLUMN auth_provider TEXT NOT NULL DEFAULT 'scim';
ALTER TABLE users ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN service_account INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN must_reset_password INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN must_enrol_mfa INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN must_reset_mfa INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN entity_id BLOB;
ALTER TABLE users ADD COLUMN connection_id BLOB;
ALTER TABLE users ADD COLUMN roles TEXT;

-- Whoever is in the group has these roles too.
ALTER TABLE groups ADD COLUMN roles TEXT;
-- A member's role in an organization.
ALTER TABLE memberships ADD COLUMN role TEXT;

CREATE TABLE roles (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    permissions TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT roles_name UNIQUE (tenant_id, name_key)
) STRICT;

-- permissions: what the key is bounded to; NULL bounds it to nothing but its owner's own.
CREATE TABLE api_keys (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB,
    name TEXT NOT NULL,
    permissions TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX api_keys_user ON api_keys (tenant_id, user_id) WHERE user_id IS NOT NULL;

-- A key has several while it is being rotated.
CREATE TABLE api_key_secrets (
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    key_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_secrets_key ON api_key_secrets (tenant_id, key_id);
