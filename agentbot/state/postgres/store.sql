-- What PostgresStore runs: calls of the functions in functions_1.sql, and a few queries. Each
-- returns exactly one row, since calls are grouped and each caller gets its row.

-- name: claim
-- Lease a conversation and claim what is open in it.
-- $1 conversation, $2 messages, $3 holder, $4 lease, $5 the latest that the clock should show.
SELECT * FROM {schema}.claim($1, $2, $3, $4, $5);

-- name: renew
-- Prolong a lease. $1 conversation, $2 holder, $3 fence, $4 lease.
SELECT {schema}.renew($1, $2, $3, $4) AS held;

-- name: checkpoint
-- Keep a plan. $1 conversation, $2 holder, $3 fence, $4 plan.
SELECT {schema}.checkpoint($1, $2, $3, $4) AS held;

-- name: settle
-- Close a turn. $1 conversation, $2 holder, $3 fence, $4 messages, $5 customer, $6 settled at,
-- $7 seen at, $8 the record, packed, $9 whether there is a new memory: $10 fired, $11 snoozed until,
-- $12 handed off at, $13 closed at.
SELECT {schema}.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS held;

-- name: release
-- Give a lease back. $1 conversation, $2 holder, $3 fence.
SELECT {schema}.release($1, $2, $3) AS held;

-- name: release_all
-- Give back whatever is leased to the holder. $1 holder.
SELECT {schema}.release_all($1) AS held;

-- name: memory
-- Read what is remembered of a conversation. $1 conversation.
SELECT * FROM {schema}.memory_of($1);

-- name: ping
-- Write the time and read it back. $1 holder.
INSERT INTO {schema}.pings (holder, at) VALUES ($1, clock_timestamp())
ON CONFLICT (holder) DO UPDATE SET at = excluded.at RETURNING at;

-- name: settled
-- Find those of some messages that have their outcome. $1 messages.
SELECT ARRAY(
    SELECT message_id FROM {schema}.messages
    WHERE message_id = ANY ($1::text[]) AND record IS NOT NULL
) AS found;

-- name: mark_seen
-- Note when a turn's answer was seen, once, in the record of one of its messages. $1 message,
-- $2 when.
WITH marked AS (
    UPDATE {schema}.records SET seen_at = $2
    WHERE id = (SELECT record FROM {schema}.messages WHERE message_id = $1) AND seen_at IS NULL
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM marked) AS done;

-- name: mark_given
-- Note that a conversation has been somebody's, once. $1 conversation.
WITH marked AS (
    UPDATE {schema}.conversations SET given_at = clock_timestamp()
    WHERE conversation_id = $1 AND given_at IS NULL
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM marked) AS done;

-- name: claimed
-- Find those of some messages that were ever claimed. $1 messages.
SELECT ARRAY(
    SELECT message_id FROM {schema}.messages WHERE message_id = ANY ($1::text[])
) AS found;

-- name: conversation_records
-- Read the journal of one conversation. $1 conversation.
SELECT ARRAY(
    SELECT body FROM {schema}.records JOIN {schema}.conversations AS c ON c.id = conversation
    WHERE c.conversation_id = $1
) AS bodies;

-- name: orphans
-- Find what is open under no live lease, as JSON. $1 the length of a lease: one that would last
-- for longer was given before the clock was set back, and whoever claims it mends it.
SELECT coalesce(json_agg(o), '[]')::text AS found FROM (
    SELECT c.conversation_id AS conversation, c.holder,
        extract(epoch FROM clock_timestamp() - c.expires_at) AS seconds_ago,
        array_agg(m.message_id ORDER BY m.id) AS messages
    FROM {schema}.messages AS m JOIN {schema}.conversations AS c ON c.id = m.conversation
    WHERE m.record IS NULL AND (
        c.fence IS NULL OR c.expires_at <= clock_timestamp()
        OR c.expires_at > clock_timestamp() + $1 + interval '1 minute'
    )
    GROUP BY c.id ORDER BY min(m.id)
) AS o;

-- name: journal_page
-- Read the next page of the journal, as arrays. $1 and $2 time and number of the record that was
-- read last, $3 the length of a page.
SELECT array_agg(settled_at ORDER BY settled_at, id) AS times,
    array_agg(id ORDER BY settled_at, id) AS ids,
    array_agg(conversation_id ORDER BY settled_at, id) AS conversations,
    array_agg(customer_id ORDER BY settled_at, id) AS customers,
    array_agg(seen_at ORDER BY settled_at, id) AS seen,
    array_agg(body ORDER BY settled_at, id) AS bodies
FROM (
    SELECT r.settled_at, r.id, c.conversation_id, r.customer_id, r.seen_at, r.body
    FROM {schema}.records AS r JOIN {schema}.conversations AS c ON c.id = r.conversation
    WHERE (r.settled_at, r.id) > ($1, $2)
    ORDER BY r.settled_at, r.id LIMIT $3
) AS page;

-- name: prune_records
-- Delete old records. $1 settled before, $2 how many at most.
SELECT {schema}.prune_records($1, $2) AS gone;

-- name: prune_conversations
-- Delete idle conversations. $1 untouched for, $2 how many at most.
SELECT {schema}.prune_conversations($1, $2) AS gone;

-- name: forget
-- Erase a customer. $1 customer, $2 conversations.
SELECT {schema}.forget($1, $2) AS gone;
