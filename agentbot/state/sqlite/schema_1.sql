-- The tables of version 1. What they hold is told at the head of ../migrations.py.
-- Times are microseconds since 1970.

-- name: conversations
-- A row a conversation: its lease, the checkpointed plan, and what is remembered of it.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL UNIQUE,
    holder TEXT,
    fence INTEGER,
    expires_at INTEGER,
    plan TEXT,
    fired TEXT,
    snoozed_until INTEGER,
    handed_off_at INTEGER,
    closed_at INTEGER,
    given_at INTEGER,
    touched_at INTEGER NOT NULL
);

-- name: conversations_leased
-- Finds a holder's leases, to give all of them back.
CREATE INDEX conversations_leased ON conversations (holder) WHERE fence IS NOT NULL;

-- name: conversations_touched
-- Finds the conversations that nothing has touched for long, to prune them.
CREATE INDEX conversations_touched ON conversations (touched_at);

-- name: messages
-- A row for every message ever claimed: open while record is null, settled from then on.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    record INTEGER
);

-- name: messages_open
-- Finds what is open, in one conversation or in all: there is never much of it.
CREATE INDEX messages_open ON messages (conversation) WHERE record IS NULL;

-- name: messages_settled
-- Finds a record's messages, to delete them with it.
CREATE INDEX messages_settled ON messages (record) WHERE record IS NOT NULL;

-- name: records
-- The journal, a row a settled turn, packed. No id is ever used again, not even a pruned record's.
CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    customer_id TEXT,
    settled_at INTEGER NOT NULL,
    seen_at INTEGER,
    body BLOB NOT NULL
);

-- name: records_conversation
-- Finds a conversation's records, to erase them, or to see that there are none.
CREATE INDEX records_conversation ON records (conversation);

-- name: records_customer
-- Finds a customer's records, to erase them.
CREATE INDEX records_customer ON records (customer_id) WHERE customer_id IS NOT NULL;

-- name: records_settled
-- Orders the journal, for reading it in pages and pruning it from its oldest end.
CREATE INDEX records_settled ON records (settled_at, id);

-- name: counters
-- Numbers by their names: the fence given last, the time that the last ping wrote, and the schema's
-- version that a program must know at least.
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);

-- name: counters_start
-- The first fence is 1.
INSERT INTO counters (name, value) VALUES ('fence', 0), ('ping', 0), ('least', 0);
