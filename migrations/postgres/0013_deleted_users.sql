-- Users that were deleted and can be restored until purge_at. document: the user as it was, with its memberships and the
-- external ids that connections gave it. Passwords, keys and sessions are not in it: they ended with the user.
CREATE TABLE deleted_users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_name text NOT NULL,
    user_name_key text COLLATE "C" NOT NULL,
    email text,
    email_key text COLLATE "C",
    document text NOT NULL,
    deleted_at bigint NOT NULL,
    purge_at bigint NOT NULL,
    deleted_by_kind text NOT NULL,
    deleted_by_id uuid,
    deleted_by_name text,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX deleted_users_purge ON deleted_users (tenant_id, purge_at);
