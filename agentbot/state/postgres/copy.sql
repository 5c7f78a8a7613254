-- A state that goes from PostgreSQL into a copy, or from a copy into PostgreSQL.

-- name: find_versions
-- Look whether there is a state at all: nothing where no bot has run with it.
SELECT to_regclass($1) IS NOT NULL;

-- name: read_conversations
-- Read all conversations, oldest first.
SELECT * FROM {schema}.conversations ORDER BY id;

-- name: read_messages
-- Read all messages, oldest first.
SELECT * FROM {schema}.messages ORDER BY id;

-- name: read_records
-- Read the whole journal, oldest first.
SELECT * FROM {schema}.records ORDER BY id;

-- name: read_numbers
-- Read the fence and the record's number that were given last, also where the record is gone.
SELECT
    coalesce(pg_sequence_last_value('{schema}.fences'), 0) AS fence,
    coalesce(pg_sequence_last_value(pg_get_serial_sequence('{schema}.records', 'id')), 0) AS record;

-- name: keep_others_out
-- Let nobody write until all is there: who tries waits.
LOCK TABLE {schema}.conversations, {schema}.messages, {schema}.records IN EXCLUSIVE MODE;

-- name: holds_something
-- Look whether anything is there that would be mixed with the copy.
SELECT
    EXISTS (SELECT FROM {schema}.conversations)
    OR EXISTS (SELECT FROM {schema}.messages)
    OR EXISTS (SELECT FROM {schema}.records);

-- name: keep_numbers
-- Go on from the fence and the numbers that were given last.
SELECT
    setval('{schema}.fences', greatest($1::bigint, 1), $1 > 0),
    setval(pg_get_serial_sequence('{schema}.records', 'id'), greatest($2::bigint, 1), $2 > 0),
    setval(
        pg_get_serial_sequence('{schema}.conversations', 'id'),
        coalesce((SELECT max(id) FROM {schema}.conversations), 1),
        EXISTS (SELECT FROM {schema}.conversations)
    ),
    setval(
        pg_get_serial_sequence('{schema}.messages', 'id'),
        coalesce((SELECT max(id) FROM {schema}.messages), 1),
        EXISTS (SELECT FROM {schema}.messages)
    );
