-- How the schema is brought forward, in one transaction.

-- name: lock
-- Let one replica migrate at a time: the lock ends with the transaction.
SELECT pg_advisory_xact_lock($1);

-- name: schema_is_missing
-- Look whether the schema exists. Where it does, not even IF NOT EXISTS may be said without the
-- right to make schemas.
SELECT to_regnamespace($1) IS NULL;

-- name: make_schema
-- Make the schema in which all the rest lives.
CREATE SCHEMA {schema};

-- name: make_versions
-- Make the table that tells which steps were taken, and when.
CREATE TABLE IF NOT EXISTS {schema}.schema_version (
    version integer PRIMARY KEY,
    least integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: read_version
-- Read which step was taken last, and which a program must know at least: 0 where none was.
SELECT coalesce(max(version), 0) AS version, coalesce(max(least), 0) AS least
FROM {schema}.schema_version;

-- name: note_version
-- Note that a step was taken.
INSERT INTO {schema}.schema_version (version, least) VALUES ($1, $2);
