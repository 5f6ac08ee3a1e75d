-- Which of a user's roles connections gave, by what values of 'roles' and 'entitlements' map onto: pairs of a connection
-- and a role, their ids without hyphens, joined by a colon and the pairs by spaces. NULL for nearly everybody.
ALTER TABLE users ADD COLUMN connection_roles TEXT;

-- Connections that ask to be let have a user whom they did not bring. state: pending, approved or denied. A request is used
-- up when the user becomes the connection's.
CREATE TABLE adoption_requests (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    state TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT adoption_requests_user UNIQUE (tenant_id, user_id, connection_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX adoption_requests_state ON adoption_requests (tenant_id, state, id);
CREATE INDEX adoption_requests_connection ON adoption_requests (tenant_id, connection_id);
