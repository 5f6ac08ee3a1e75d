-- Pictures of people, at most 256 KiB each, apart from the users that every list reads.
CREATE TABLE avatars (
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT;

-- The picture of a deleted user.
ALTER TABLE deleted_users ADD COLUMN avatar_media_type TEXT;
ALTER TABLE deleted_users ADD COLUMN avatar BLOB;
