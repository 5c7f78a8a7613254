-- How SQLite itself is kept: the schema's version, and the fence given last.

-- name: read_version
-- Read the version of the schema: 0 in a file that is empty, or another program's.
PRAGMA user_version;

-- name: read_fence
-- Read the fence that was given last.
SELECT value FROM counters WHERE name = 'fence';

-- name: keep_fence
-- Keep the fence that was given last, with the transaction that gave it.
UPDATE counters SET value = ? WHERE name = 'fence';
