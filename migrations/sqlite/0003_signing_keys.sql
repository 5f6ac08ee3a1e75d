-- The keys that sign access tokens. They are the instance's, not a tenant's: a small reference table.
-- private_key is encrypted with the secret key that is kept outside the database.
CREATE TABLE signing_keys (
    id BLOB NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    public_key BLOB NOT NULL,
    private_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

-- One key signs at a time: of servers that start or rotate together the first one's key is everybody's.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (algorithm) WHERE retired_at IS NULL;
