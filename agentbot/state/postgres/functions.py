"""The store's operations as functions in PostgreSQL.

One call is one round trip, and decides under the lock of the conversation's row: two replicas
that claim at once take turns, and a replica that is frozen half-way holds no lock, because no
transaction ever waits for it. Time is the database's, read after the lock was got.

Each function returns exactly one row. Arguments begin with ``a_``, results with ``r_``.
"""

from __future__ import annotations

_CLAIM_TEXT = """
CREATE FUNCTION {schema}.claim(
    a_conversation text, a_messages text[], a_holder text, a_lease interval,{more_arguments}
    OUT r_fence bigint, OUT r_messages text[], OUT r_attempt integer, OUT r_plan text,
    OUT r_holder text, OUT r_remaining interval{more_results}
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
    moment := clock_timestamp();{mend}
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
END
$$
"""


def _claim(*, more_arguments: str = "", more_results: str = "", mend: str = "") -> str:
    text = _CLAIM_TEXT.replace("{more_arguments}", more_arguments)
    return text.replace("{more_results}", more_results).replace("{mend}", mend)


_CLAIM = _claim()

CLAIM_BY_TWO_CLOCKS = _claim(
    more_arguments=" a_latest timestamptz,",
    more_results=", OUT r_moment timestamptz",
    mend="""
    r_moment := moment;
    -- The clock was set: forward, if the claimant does not expect the lease to be over; back, if
    -- it is longer than any. What is left of it is brought onto the clock as it is now.
    IF it.fence IS NOT NULL AND it.holder <> a_holder AND (
        (it.expires_at <= moment AND it.expires_at > a_latest)
        OR it.expires_at > moment + a_lease + interval '1 minute'
    ) THEN
        it.expires_at := moment + least(a_lease, it.expires_at - a_latest);
        UPDATE {schema}.conversations SET expires_at = it.expires_at WHERE id = it.id;
    END IF;""",
)
"""A claim that takes no lease only because the database's clock was set.

``a_latest`` is what the claimant expects that clock to show at the latest, null where it cannot
tell; ``r_moment`` is what it did show.
"""

_RENEW = """
CREATE FUNCTION {schema}.renew(
    a_conversation text, a_holder text, a_fence bigint, a_lease interval
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET expires_at = clock_timestamp() + a_lease
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$
"""

_CHECKPOINT = """
CREATE FUNCTION {schema}.checkpoint(
    a_conversation text, a_holder text, a_fence bigint, a_plan text
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET plan = a_plan
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$
"""

_SETTLE = """
CREATE FUNCTION {schema}.settle(
    a_conversation text, a_holder text, a_fence bigint, a_messages text[],
    a_customer text, a_settled_at timestamptz, a_body text,
    a_remember boolean, a_fired text, a_snoozed timestamptz, a_handed_over timestamptz
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
    INSERT INTO {schema}.records (conversation, fence, customer_id, settled_at, body)
        VALUES (key, a_fence, a_customer, a_settled_at, a_body) RETURNING id INTO entry;
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
        snoozed_until = CASE WHEN a_remember THEN a_snoozed ELSE snoozed_until END,
        handed_off_at = CASE WHEN a_remember THEN a_handed_over ELSE handed_off_at END
        WHERE id = key;
    RETURN true;
END
$$
"""

_RELEASE = """
CREATE FUNCTION {schema}.release(
    a_conversation text, a_holder text, a_fence bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET
        fence = NULL, expires_at = least(expires_at, clock_timestamp())
        WHERE conversation_id = a_conversation AND holder = a_holder AND fence = a_fence;
    RETURN FOUND;
END
$$
"""

_RELEASE_ALL = """
CREATE FUNCTION {schema}.release_all(a_holder text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.conversations SET
        fence = NULL, expires_at = least(expires_at, clock_timestamp())
        WHERE fence IS NOT NULL AND holder = a_holder;
    RETURN FOUND;
END
$$
"""

_MEMORY_OF = """
CREATE FUNCTION {schema}.memory_of(
    a_conversation text,
    OUT r_fired text, OUT r_snoozed timestamptz, OUT r_handed_over timestamptz
) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT fired, snoozed_until, handed_off_at INTO r_fired, r_snoozed, r_handed_over
        FROM {schema}.conversations WHERE conversation_id = a_conversation;
END
$$
"""

_PRUNE_RECORDS = """
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
$$
"""

_PRUNE_CONVERSATIONS = """
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
$$
"""

_FORGET = """
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
$$
"""

FUNCTIONS = (
    _CLAIM,
    _RENEW,
    _CHECKPOINT,
    _SETTLE,
    _RELEASE,
    _RELEASE_ALL,
    _MEMORY_OF,
    _PRUNE_RECORDS,
    _PRUNE_CONVERSATIONS,
    _FORGET,
)
