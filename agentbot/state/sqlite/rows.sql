-- The rows of a copy, as they come from PostgreSQL's tables or go into them, whose columns are the
-- same. Times are microseconds since 1970.

-- name: read_conversations
-- Read all conversations, oldest first.
SELECT * FROM conversations ORDER BY id;

-- name: read_messages
-- Read all messages, oldest first.
SELECT * FROM messages ORDER BY id;

-- name: read_records
-- Read the whole journal, oldest first.
SELECT * FROM records ORDER BY id;

-- name: add_conversation
-- Add a conversation under the number that it has.
INSERT INTO conversations (
    id, conversation_id, holder, fence, expires_at, plan, fired, snoozed_until, handed_off_at,
    closed_at, given_at, touched_at
) VALUES (
    :id, :conversation_id, :holder, :fence, :expires_at, :plan, :fired, :snoozed_until,
    :handed_off_at, :closed_at, :given_at, :touched_at
);

-- name: add_message
-- Add a message under the number that it has.
INSERT INTO messages (id, message_id, conversation, attempt, record)
VALUES (:id, :message_id, :conversation, :attempt, :record);

-- name: add_record
-- Add a record of the journal under the number that it has.
INSERT INTO records (id, conversation, fence, customer_id, settled_at, seen_at, body)
VALUES (:id, :conversation, :fence, :customer_id, :settled_at, :seen_at, :body);

-- name: read_numbers
-- Read the fence and the record's number that were given last, also where the record is gone.
SELECT
    (SELECT value FROM counters WHERE name = 'fence') AS fence,
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'records'), 0) AS record;

-- name: keep_fence
-- Keep the fence that was given last: the next one is above it.
UPDATE counters SET value = ? WHERE name = 'fence';

-- name: forget_record_number
-- Forget the number that the last record added has left.
DELETE FROM sqlite_sequence WHERE name = 'records';

-- name: keep_record_number
-- Keep the record's number that was given last: none is used again.
INSERT INTO sqlite_sequence (name, seq) VALUES ('records', ?);
