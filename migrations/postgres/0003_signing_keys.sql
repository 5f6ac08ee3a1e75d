-- The keys that sign access tokens. They are the instance's, not a tenant's: a small reference table.
-- private_key is encrypted with the secret key that is kept outside the database.
CREATE TABLE signing_keys (
    id uuid PRIMARY KEY,
    algorithm text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    private_key bytea NOT NULL,
    created_at bigint NOT NULL,
    retired_at bigint
);

-- One key signs at a time: of servers that start or rotate together the first one's key is everybody's.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys (algorithm) WHERE retired_at IS NULL;
