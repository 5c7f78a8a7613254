-- How SQLite itself is kept: the schema's version, who may work on it, and the fence given last.

-- name: read_version
-- Read the version of the schema: 0 in a file that is empty, or another program's.
PRAGMA user_version;

-- name: count_tables
-- Count what tables, indices and the like there are: in a file that is not ours, others'.
SELECT COUNT(*) FROM sqlite_schema;

-- name: read_least
-- Read the version that a program must know at least to work on this schema.
SELECT value FROM counters WHERE name = 'least';

-- name: keep_least
-- Keep that version.
UPDATE counters SET value = ? WHERE name = 'least';

-- name: read_fence
-- Read the fence that was given last.
SELECT value FROM counters WHERE name = 'fence';

-- name: keep_fence
-- Keep the fence that was given last, with the transaction that gave it.
UPDATE counters SET value = ? WHERE name = 'fence';
