-- What SQLiteStore runs. Times are microseconds since 1970. A value that stands once in a statement
-- is a ?, one that stands more often has a name.
--
-- A lease is known by conversation_id, holder and fence: where these three are not found
-- together, somebody else took it, or it was given back.

-- name: ping
-- Write the time, to see that the file can be written.
UPDATE counters SET value = ? WHERE name = 'ping';

-- name: read_ping
-- Read the time that was written last, to see that the file can be read.
SELECT value FROM counters WHERE name = 'ping';

-- name: find_message
-- Read which record settled a message: no row, it was never claimed; null, it is open.
SELECT record FROM messages WHERE message_id = ?;

-- name: find_conversation
-- Read a conversation's number, its lease, its plan, and what is remembered of it.
SELECT id, holder, fence, expires_at, plan, fired, snoozed_until, handed_off_at, closed_at
FROM conversations
WHERE conversation_id = ?;

-- name: add_conversation
-- Add a conversation, leased from the first.
INSERT INTO conversations (conversation_id, holder, fence, expires_at, touched_at)
VALUES (?, ?, ?, ?, ?);

-- name: lease_conversation
-- Lease a conversation that is known, anew or for longer.
UPDATE conversations
SET holder = ?, fence = ?, expires_at = ?, touched_at = ?
WHERE id = ?;

-- name: count_attempt
-- Count a new lease for everything that stayed open under an earlier one.
UPDATE messages SET attempt = attempt + 1
WHERE conversation = ? AND record IS NULL;

-- name: add_message
-- Add a message to its conversation, open, unless it is known.
INSERT INTO messages (message_id, conversation, attempt)
VALUES (?, ?, 1)
ON CONFLICT (message_id) DO NOTHING;

-- name: renew
-- Prolong a lease, even one that has run out, as long as nobody took it.
UPDATE conversations SET expires_at = ?
WHERE conversation_id = ? AND holder = ? AND fence = ?;

-- name: checkpoint
-- Keep a plan for whoever resumes the conversation.
UPDATE conversations SET plan = ?
WHERE conversation_id = ? AND holder = ? AND fence = ?;

-- name: release
-- Give a lease back. Its holder stays, so that one can see who had it last.
UPDATE conversations SET fence = NULL, expires_at = ?
WHERE conversation_id = ? AND holder = ? AND fence = ?;

-- name: release_all
-- Give back whatever is leased, by whomever. One that had run out keeps its time.
UPDATE conversations SET fence = NULL, expires_at = MIN(expires_at, ?)
WHERE fence IS NOT NULL;

-- name: release_all_of_holder
-- Give back whatever is leased to this holder. One that had run out keeps its time.
UPDATE conversations SET fence = NULL, expires_at = MIN(expires_at, ?)
WHERE fence IS NOT NULL AND holder = ?;

-- name: mark_seen
-- Note when a turn's answer was seen, once, in the record of one of its messages.
UPDATE records SET seen_at = ?
WHERE id = (SELECT record FROM messages WHERE message_id = ?) AND seen_at IS NULL;

-- name: mark_given
-- Note that a conversation has been somebody's, once.
UPDATE conversations SET given_at = ? WHERE conversation_id = ? AND given_at IS NULL;

-- name: memory
-- Read what is remembered of a conversation.
SELECT fired, snoozed_until, handed_off_at, closed_at FROM conversations
WHERE conversation_id = ?;

-- name: conversation_records
-- Read the journal of one conversation.
SELECT body FROM records JOIN conversations ON conversations.id = conversation
WHERE conversation_id = ?;

-- name: orphans
-- Read what is open under no live lease, in the order in which it was first claimed.
-- Without the index by name it would walk through all messages in the order of their ids.
SELECT conversation_id, holder, expires_at, message_id
FROM messages INDEXED BY messages_open
JOIN conversations ON conversations.id = conversation
WHERE record IS NULL AND (fence IS NULL OR expires_at <= ?)
ORDER BY messages.id;

-- name: journal_page
-- Read the next page of the journal, after the record that was read last.
SELECT settled_at, records.id, conversation_id, customer_id, seen_at, body
FROM records JOIN conversations ON conversations.id = conversation
WHERE (settled_at, records.id) > (?, ?)
ORDER BY settled_at, records.id
LIMIT ?;
