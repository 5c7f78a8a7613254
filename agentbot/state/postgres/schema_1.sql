-- The tables of version 1. What they hold is told at the head of ../migrations.py.

-- name: conversations
-- A row a conversation: its lease, the checkpointed plan, and what is remembered of it. A row
-- changes several times a turn: a third of each page is left free for its next versions, so that
-- a change that no index covers does not touch the indexes.
CREATE TABLE {schema}.conversations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id text NOT NULL UNIQUE,
    holder text,
    fence bigint,
    expires_at timestamptz,
    plan text,
    fired text,
    snoozed_until timestamptz,
    handed_off_at timestamptz,
    closed_at timestamptz,
    given_at timestamptz,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);

-- name: conversations_leased
-- Finds a holder's leases, to give all of them back.
CREATE INDEX conversations_leased ON {schema}.conversations (holder) WHERE fence IS NOT NULL;

-- name: conversations_touched
-- Finds the conversations that nothing has touched for long, to prune them.
CREATE INDEX conversations_touched ON {schema}.conversations (touched_at);

-- name: messages
-- A row for every message ever claimed: open while record is null, settled from then on.
CREATE TABLE {schema}.messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    conversation bigint NOT NULL,
    attempt integer NOT NULL,
    record bigint
);

-- name: messages_open
-- Finds what is open, in one conversation or in all: there is never much of it.
CREATE INDEX messages_open ON {schema}.messages (conversation) WHERE record IS NULL;

-- name: messages_settled
-- Finds a record's messages, to delete them with it.
CREATE INDEX messages_settled ON {schema}.messages (record) WHERE record IS NOT NULL;

-- name: records
-- The journal, a row a settled turn, packed.
CREATE TABLE {schema}.records (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation bigint NOT NULL,
    fence bigint NOT NULL,
    customer_id text,
    settled_at timestamptz NOT NULL,
    seen_at timestamptz,
    body bytea NOT NULL
);

-- name: records_conversation
-- Finds a conversation's records, to erase them, or to see that there are none.
CREATE INDEX records_conversation ON {schema}.records (conversation);

-- name: records_customer
-- Finds a customer's records, to erase them.
CREATE INDEX records_customer ON {schema}.records (customer_id) WHERE customer_id IS NOT NULL;

-- name: records_settled
-- Orders the journal, for reading it in pages and pruning it from its oldest end.
CREATE INDEX records_settled ON {schema}.records (settled_at, id);

-- name: fences
-- Numbers the leases: each new one gets a number above all before it.
CREATE SEQUENCE {schema}.fences;

-- name: pings
-- The time that each holder's last ping wrote.
CREATE TABLE {schema}.pings (holder text PRIMARY KEY, at timestamptz NOT NULL);
