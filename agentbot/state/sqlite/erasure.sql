-- Deleting: by age, and a customer's data on request. Times are microseconds since 1970. A value
-- that stands once in a statement is a ?, one that stands more often has a name.

-- name: old_records
-- Find the oldest records settled before a time.
SELECT id FROM records WHERE settled_at < ? ORDER BY settled_at, id LIMIT ?;

-- name: delete_messages_of_record
-- Delete the messages that a record settled.
DELETE FROM messages WHERE record = ?;

-- name: delete_record
-- Delete one record from the journal.
DELETE FROM records WHERE id = ?;

-- name: idle_conversations
-- Find conversations that nothing has touched since a time, and that have no live lease, no
-- record, and no snooze that has not ended.
SELECT id FROM conversations
WHERE touched_at < :before
    AND (fence IS NULL OR expires_at <= :now)
    AND COALESCE(snoozed_until, 0) <= :now
    AND NOT EXISTS (SELECT 1 FROM records WHERE conversation = conversations.id)
LIMIT :limit;

-- name: delete_open_messages
-- Delete what was never settled in a conversation.
DELETE FROM messages WHERE conversation = ? AND record IS NULL;

-- name: delete_conversation
-- Delete a conversation, with its lease, plan and memory.
DELETE FROM conversations WHERE id = ?;

-- name: conversations_of_customer
-- Find the conversations in which a customer has a record.
SELECT conversation FROM records WHERE customer_id = ?;

-- name: find_conversation
-- Find a conversation's number by its id.
SELECT id FROM conversations WHERE conversation_id = ?;

-- name: delete_settled_messages
-- Delete the messages that a conversation's records settled.
DELETE FROM messages WHERE record IN (SELECT id FROM records WHERE conversation = ?);

-- name: delete_records
-- Delete a conversation's records.
DELETE FROM records WHERE conversation = ?;

-- name: empty_write_ahead_log
-- Copy the write-ahead log into the database and cut it to nothing: it holds what was deleted.
PRAGMA wal_checkpoint(TRUNCATE);
