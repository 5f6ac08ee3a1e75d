-- Users that were deleted and can be restored until purge_at. document: the user as it was, with its memberships and the
-- external ids that connections gave it. Passwords, keys and sessions are not in it: they ended with the user.
CREATE TABLE deleted_users (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    document TEXT NOT NULL,
    deleted_at INTEGER NOT NULL,
    purge_at INTEGER NOT NULL,
    deleted_by_kind TEXT NOT NULL,
    deleted_by_id BLOB,
    deleted_by_name TEXT,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE INDEX deleted_users_purge ON deleted_users (tenant_id, purge_at);
