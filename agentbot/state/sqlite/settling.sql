-- What closing a turn runs. Times are microseconds since 1970. A value that stands once in a statement
-- is a ?, one that stands more often has a name.

-- name: open_messages
-- Read what is open in a conversation, in the order in which it was first claimed.
SELECT id, message_id, attempt FROM messages
WHERE conversation = ? AND record IS NULL
ORDER BY id;

-- name: leased_messages
-- Read what is open in the conversation under a lease, with its number; no row, the lease is lost,
-- or nothing is open.
SELECT conversations.id, messages.id, message_id
FROM conversations
JOIN messages ON messages.conversation = conversations.id AND record IS NULL
WHERE conversation_id = ? AND holder = ? AND fence = ?;

-- name: add_record
-- Enter a turn in the journal.
INSERT INTO records (conversation, fence, customer_id, settled_at, seen_at, body)
VALUES (?, ?, ?, ?, ?, ?);

-- name: settle_message
-- Close a message: the record is its outcome.
UPDATE messages SET record = ? WHERE id = ?;

-- name: close_turn
-- Drop the plan, keep the new memory where there is one, and give the lease back unless
-- other messages remain open under it.
UPDATE conversations SET
    fence = IIF(:remain, fence, NULL),
    expires_at = IIF(:remain, expires_at, :now),
    plan = NULL,
    touched_at = :now,
    fired = IIF(:remember, :fired, fired),
    snoozed_until = IIF(:remember, :snoozed_until, snoozed_until),
    handed_off_at = IIF(:remember, :handed_off_at, handed_off_at),
    closed_at = IIF(:remember, :closed_at, closed_at)
WHERE id = :conversation;

-- name: settling_fence
-- Read under which lease a message was settled; no row, it was not.
SELECT fence FROM messages JOIN records ON records.id = record
WHERE message_id = ?;
