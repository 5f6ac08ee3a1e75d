-- What an account is besides a person's data, who may do what, and the keys of those who call the API.

-- generation moves with each change that a compiled snapshot holds; guard with each change to who owns or administers.
ALTER TABLE tenants ADD COLUMN status text NOT NULL DEFAULT 'active';
ALTER TABLE tenants ADD COLUMN settings text NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN guard bigint NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE tenants ADD COLUMN updated_at bigint NOT NULL DEFAULT 0;
UPDATE tenants SET updated_at = created_at;

-- roles: ids of the roles given directly; NULL means the built-in role 'user' alone, which nearly everybody has.
ALTER TABLE users ADD COLUMN standing text NOT NULL DEFAULT 'normal';
ALTER TABLE users ADD COLUMN auth_provider text NOT NULL DEFAULT 'scim';
ALTER TABLE users ADD COLUMN email_verified boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN service_account boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN must_reset_password boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN must_enrol_mfa boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN must_reset_mfa boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN entity_id uuid;
ALTER TABLE users ADD COLUMN connection_id uuid;
ALTER TABLE users ADD COLUMN roles text;

-- Whoever is in the group has these roles too.
ALTER TABLE groups ADD COLUMN roles text;
-- A member's role in an organization.
ALTER TABLE memberships ADD COLUMN role text;

CREATE TABLE roles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL,
    permissions text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT roles_name UNIQUE (tenant_id, name_key)
);

-- permissions: what the key is bounded to; NULL bounds it to nothing but its owner's own.
CREATE TABLE api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid,
    name text NOT NULL,
    permissions text,
    created_at bigint NOT NULL,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX api_keys_user ON api_keys (tenant_id, user_id) WHERE user_id IS NOT NULL;

-- A key has several while it is being rotated.
CREATE TABLE api_key_secrets (
    tenant_id uuid NOT NULL,
    hash bytea NOT NULL,
    key_id uuid NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX api_key_secrets_key ON api_key_secrets (tenant_id, key_id);
