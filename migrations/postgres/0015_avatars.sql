-- Pictures of people, at most 256 KiB each, apart from the users that every list reads.
CREATE TABLE avatars (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    media_type text NOT NULL,
    bytes bytea NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- The picture of a deleted user.
ALTER TABLE deleted_users ADD COLUMN avatar_media_type text;
ALTER TABLE deleted_users ADD COLUMN avatar bytea;
