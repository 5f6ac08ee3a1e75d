-- What a connection may do to people who are there already (JSON), and its version, as every changeable thing has one.
ALTER TABLE connections ADD COLUMN settings text NOT NULL DEFAULT '{}';
ALTER TABLE connections ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE connections ADD COLUMN updated_at bigint NOT NULL DEFAULT 0;
UPDATE connections SET updated_at = created_at;

-- Few groups carry roles, and whether any does is asked each second.
CREATE INDEX groups_with_roles ON groups (tenant_id) WHERE roles <> '';
