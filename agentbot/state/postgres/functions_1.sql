-- The store's operations, version 1.
--
-- One call is one round trip, and decides under the lock of the conversation's row: two replicas
-- that claim at once take turns, and a replica that is frozen half-way holds no lock, because no
-- transaction ever waits for it. Time is the server's, read after the lock was got.
--
-- Each function returns exactly one row. Arguments begin with a_, results with r_.

-- name: claim
-- Lease a conversation and claim what is open in it; see Store.claim. r_fence is null where the
-- claim is not granted: then r_holder has the lease for r_remaining, or, where that is null too,
-- every one of the messages is settled. a_latest is what the claimant expects this server's clock to
-- show at the latest, null where it cannot tell; r_moment is what it did show. With a claim comes what
-- is remembered of the conversation, which nobody else can change while it is leased.
CREATE FUNCTION {schema}.claim(
    a_conversation text, a_messages text[], a_holder text, a_lease interval, a_latest timestamptz,
    OUT r_fence bigint, OUT r_messages text[], OUT r_attempt integer, OUT r_plan text,
    OUT r_holder text, OUT r_remaining interval, OUT r_moment timestamptz, OUT r_fired text,
    OUT r_snoozed_until timestamptz, OUT r_handed_off_at timestamptz, OUT r_closed_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    it {schema}.conversations;
    moment timestamptz;
    fresh text[];
    renewed boolean;
BEGIN
    LOOP
        SELECT * INTO it FROM {schema}.conversations
            WHERE conversation_id = a_conversation FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO {schema}.conversations (conversation_id) VALUES (a_conversation)
            ON CONFLICT (conversation_id) DO NOTHING;
    END LOOP;
    moment := clock_timestamp();
    r_moment := moment;
    -- The clock was set: forward, if the claimant does not expect the lease to be over; back, if
    -- it is longer than any. What is left of it is brought onto the clock as it is now.
    IF it.fence IS NOT NULL AND it.holder <> a_holder AND (
        (it.expires_at <= moment AND it.expires_at > a_latest)
        OR it.expires_at > moment + a_lease + interval '1 minute'
    ) THEN
        it.expires_at := moment + least(a_lease, it.expires_at - a_latest);
        UPDATE {schema}.conversations SET expires_at = it.expires_at WHERE id = it.id;
    END IF;
    fresh := ARRAY(
        SELECT asked FROM unnest(a_messages) WITH ORDINALITY AS list (asked, place)
        WHERE NOT EXISTS (
            SELECT 1 FROM {schema}.messages WHERE message_id = asked AND record IS NOT NULL
        )
        ORDER BY place
    );
    IF cardinality(fresh) = 0 THEN
        RETURN;
    END IF;
    renewed := it.fence IS NOT NULL AND it.expires_at > moment;
    IF renewed AND it.holder <> a_holder THEN
        r_holder := it.holder;
        r_remaining := it.expires_at - moment;
        RETURN;
    END IF;
    IF renewed THEN
        r_fence := it.fence;
    ELSE
        r_fence := nextval('{schema}.fences');
        UPDATE {schema}.messages SET attempt = attempt + 1
            WHERE conversation = it.id AND record IS NULL;
    END IF;
    UPDATE {schema}.conversations
        SET holder = a_holder, fence = r_fence, expires_at = moment + a_lease, touched_at = moment
        WHERE id = it.id;
    INSERT INTO {schema}.messages (message_id, conversation, attempt)
        SELECT asked, it.id, 1 FROM unnest(fresh) WITH ORDINALITY AS list (asked, place)
        ORDER BY place
        ON CONFLICT (message_id) DO NOTHING;
    IF EXISTS (
        SELECT 1 FROM {schema}.messages
        WHERE message_id = ANY (fresh) AND conversation <> it.id
    ) THEN
        RAISE EXCEPTION 'a message of another conversation' USING ERRCODE = '22023';
    END IF;
    SELECT
        array_agg(message_id ORDER BY id) FILTER (WHERE message_id <> ALL (fresh)), max(attempt)
        INTO r_messages, r_attempt
        FROM {schema}.messages WHERE conversation = it.id AND record IS NULL;
    r_messages := coalesce(r_messages, ARRAY[]::text[]) || fresh;
    r_plan := it.plan;
    r_fired := it.fired;
    r_snoozed_until := it.snoozed_until;
    r_handed_off_at := it.handed_off_at;
    r_closed_at := it.closed_at;
END
$$;

-- name: renew
-- Prolong a lease, even one that has run out, as long as nobody took it. False: it is lost.
CREATE FUNCTION {schema}.renew(
    a_conversation text, a_holder text, a_fence bigint, a_lease interval
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET expires_at = clock_timestamp() + a_lease
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$;

-- name: checkpoint
-- Keep a plan for whoever resumes the conversation. False: the lease is lost.
CREATE FUNCTION {schema}.checkpoint(
    a_conversation text, a_holder text, a_fence bigint, a_plan text
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET plan = a_plan
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$;

-- name: settle
-- Close a turn: enter it in the journal, settle those of its messages that are still open, keep
-- the new memory if a_remember says so, and give the lease back unless other messages remain open
-- under it. False: the lease is lost, and nothing was written. True, with nothing written, where all
-- was settled under this very lease: the call was repeated.
CREATE FUNCTION {schema}.settle(
    a_conversation text, a_holder text, a_fence bigint, a_messages text[],
    a_customer text, a_settled_at timestamptz, a_seen_at timestamptz, a_body bytea,
    a_remember boolean, a_fired text, a_snoozed_until timestamptz, a_handed_off_at timestamptz,
    a_closed_at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
    key bigint;
    entry bigint;
    closing bigint[];
    remain boolean;
BEGIN
    SELECT id INTO key FROM {schema}.conversations
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence
        FOR UPDATE;
    IF FOUND THEN
        closing := ARRAY(
            SELECT id FROM {schema}.messages
            WHERE conversation = key AND record IS NULL AND message_id = ANY (a_messages)
        );
    END IF;
    IF coalesce(cardinality(closing), 0) = 0 THEN
        RETURN cardinality(a_messages) = (
            SELECT count(*) FROM {schema}.messages AS m
            JOIN {schema}.records AS r ON r.id = m.record
            WHERE m.message_id = ANY (a_messages) AND r.fence = a_fence
        );
    END IF;
    moment := clock_timestamp();
    INSERT INTO {schema}.records (conversation, fence, customer_id, settled_at, seen_at, body)
        VALUES (key, a_fence, a_customer, a_settled_at, a_seen_at, a_body) RETURNING id INTO entry;
    UPDATE {schema}.messages SET record = entry WHERE id = ANY (closing);
    remain := EXISTS (
        SELECT 1 FROM {schema}.messages WHERE conversation = key AND record IS NULL
    );
    UPDATE {schema}.conversations SET
        fence = CASE WHEN remain THEN fence END,
        expires_at = CASE WHEN remain THEN expires_at ELSE moment END,
        plan = NULL,
        touched_at = moment,
        fired = CASE WHEN a_remember THEN a_fired ELSE fired END,
        snoozed_until = CASE WHEN a_remember THEN a_snoozed_until ELSE snoozed_until END,
        handed_off_at = CASE WHEN a_remember THEN a_handed_off_at ELSE handed_off_at END,
        closed_at = CASE WHEN a_remember THEN a_closed_at ELSE closed_at END
        WHERE id = key;
    RETURN true;
END
$$;

-- name: release
-- Give a lease back. Its holder stays, so that one can see who had it last; one that had run out
-- keeps its time. False: it was lost already.
CREATE FUNCTION {schema}.release(
    a_conversation text, a_holder text, a_fence bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET
        fence = NULL, expires_at = least(expires_at, clock_timestamp())
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$;

-- name: release_all
-- Give back whatever is leased to this holder. False: nothing was.
CREATE FUNCTION {schema}.release_all(a_holder text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET
        fence = NULL, expires_at = least(expires_at, clock_timestamp())
        WHERE fence IS NOT NULL AND holder = a_holder;
    RETURN FOUND;
END
$$;

-- name: memory_of
-- Read what is remembered of a conversation; all is null where it is not known.
CREATE FUNCTION {schema}.memory_of(
    a_conversation text,
    OUT r_fired text, OUT r_snoozed_until timestamptz, OUT r_handed_off_at timestamptz,
    OUT r_closed_at timestamptz
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT fired, snoozed_until, handed_off_at, closed_at
        INTO r_fired, r_snoozed_until, r_handed_off_at, r_closed_at
        FROM {schema}.conversations WHERE conversation_id = a_conversation;
END
$$;

-- name: prune_records
-- Delete the oldest records settled before a time, a_limit at most, with their messages; return
-- how many went. What another transaction has locked is left for the next call.
CREATE FUNCTION {schema}.prune_records(a_before timestamptz, a_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    old bigint[];
BEGIN
    old := ARRAY(
        SELECT id FROM {schema}.records WHERE settled_at < a_before
        ORDER BY settled_at, id LIMIT a_limit FOR UPDATE SKIP LOCKED
    );
    DELETE FROM {schema}.messages WHERE record = ANY (old);
    DELETE FROM {schema}.records WHERE id = ANY (old);
    RETURN cardinality(old);
END
$$;

-- name: prune_conversations
-- Delete conversations that nothing has touched for so long, a_limit at most, with what was never
-- settled in them; return how many went. Kept are those with a live lease, a record, or a snooze
-- that has not ended.
CREATE FUNCTION {schema}.prune_conversations(a_older_than interval, a_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    old bigint[];
BEGIN
    old := ARRAY(
        SELECT id FROM {schema}.conversations AS it
        WHERE touched_at < moment - a_older_than
            AND (fence IS NULL OR expires_at <= moment)
            AND (snoozed_until IS NULL OR snoozed_until <= moment)
            AND NOT EXISTS (SELECT 1 FROM {schema}.records WHERE conversation = it.id)
        LIMIT a_limit FOR UPDATE SKIP LOCKED
    );
    DELETE FROM {schema}.messages WHERE conversation = ANY (old) AND record IS NULL;
    DELETE FROM {schema}.conversations WHERE id = ANY (old);
    RETURN cardinality(old);
END
$$;

-- name: forget
-- Delete the conversations named, and all in which the customer has a record, from every table;
-- return how many rows went.
CREATE FUNCTION {schema}.forget(a_customer text, a_conversations text[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
    rows integer;
    total integer := 0;
BEGIN
    -- Locked in one order, claims' own: two that erase the same do not wait for one another.
    keys := ARRAY(
        SELECT id FROM {schema}.conversations
        WHERE conversation_id = ANY (a_conversations)
            OR id IN (SELECT conversation FROM {schema}.records WHERE customer_id = a_customer)
        ORDER BY conversation_id COLLATE "C" FOR UPDATE
    );
    DELETE FROM {schema}.messages WHERE record IN (
        SELECT id FROM {schema}.records WHERE conversation = ANY (keys)
    );
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    DELETE FROM {schema}.messages WHERE conversation = ANY (keys) AND record IS NULL;
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    DELETE FROM {schema}.records WHERE conversation = ANY (keys);
    GET DIAGNOSTICS rows = ROW_COUNT;
    total := total + rows;
    DELETE FROM {schema}.conversations WHERE id = ANY (keys);
    GET DIAGNOSTICS rows = ROW_COUNT;
    RETURN total + rows;
END
$$;
