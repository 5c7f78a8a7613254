"""Each fault switch does what it says, without a network."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.devserver.server import Refused
from tests.support.devserver import Desk, SocketClient


def test_a_dropped_shout_is_neither_stored_nor_heard() -> None:
    """drop_shout: the next one vanishes, the one after it does not."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    desk.server.faults.drop_shout()
    desk.shout(visitor, "lost")
    desk.shout(visitor, "heard")
    assert agent.bodies(desk.agents) == ["heard"]
    assert [one.body for one in desk.conversation.messages] == ["heard"]


def test_a_muted_shout_is_stored_and_never_heard() -> None:
    """mute_shout: REST shows what no socket ever heard."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    desk.server.faults.mute_shout(topic=desk.topic)
    desk.shout(visitor, "silent")
    assert agent.bodies(desk.agents) == visitor.bodies(desk.topic) == []
    assert [one.body for one in desk.conversation.messages] == ["silent"]
    assert desk.conversation.last_activity_at is not None


@pytest.mark.parametrize(
    ("step", "stored", "stamped", "heard"),
    [
        ("store", False, False, False),
        ("stamp", True, False, False),
        ("broadcast", True, True, False),
        ("settle", True, True, True),
    ],
)
def test_a_rejoin_ends_the_work_on_a_shout(
    step: str, *, stored: bool, stamped: bool, heard: bool
) -> None:
    """work: what the channel has not done when the second join comes stays undone."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    times = {one: 9.0 if one == step else 0.0 for one in ("store", "stamp", "broadcast", "settle")}
    desk.server.faults.slow_shout(
        store=times["store"],
        stamp=times["stamp"],
        broadcast=times["broadcast"],
        settle=times["settle"],
        times=1,
    )
    desk.shout(visitor, "first")
    visitor.push(desk.topic, "phx_leave")
    joined = visitor.join(desk.topic, {"customer_id": desk.customer.id})
    desk.clock.advance(20)
    assert bool(desk.conversation.messages) is stored
    assert bool(desk.conversation.last_activity_at) is stamped
    replies = [frame[1] for frame in visitor.frames if frame[3] in ("phx_reply", "phx_close")]
    assert replies == [joined], "neither the shout nor the leave was answered"
    assert agent.bodies(desk.agents) == (["first"] if heard else [])


def test_a_channel_at_work_takes_the_next_push_afterwards() -> None:
    """work: nothing is lost while nobody joins again; order stays."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    desk.server.faults.slow_shout(store=0.1, broadcast=0.2, times=2)
    desk.shout(visitor, "one")
    desk.shout(visitor, "two")
    visitor.push(desk.topic, "phx_leave")
    assert agent.bodies(desk.agents) == []
    desk.clock.advance(1)
    assert [event for event, _ in visitor.heard(desk.topic)][-2:] == ["phx_reply", "phx_close"]
    assert agent.bodies(desk.agents) == ["one", "two"]


def test_a_cut_echo_leaves_the_shout_delivered_to_others() -> None:
    """cut with echo: stored, heard by the customer, and the sender's connection is gone."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.join(desk.topic)
    desk.server.faults.cut(event="shout", echo=True)
    agent.push(desk.topic, "shout", {"body": "reply", "type": "bot"})
    assert agent.closed == (1006, "")
    assert agent.bodies(desk.topic) == []
    assert visitor.bodies(desk.topic) == ["reply"]


def test_a_duplicated_broadcast_comes_twice_on_the_topic_named() -> None:
    """duplicate: by topic, and for so many frames."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    fault = desk.server.faults.duplicate(topic="notification:", times=1)
    desk.shout(visitor, "one")
    desk.shout(visitor, "two")
    assert agent.bodies(desk.agents) == ["one", "one", "two"]
    assert visitor.bodies(desk.topic) == ["one", "two"]
    assert fault.hits == 1
    assert fault.spent


def test_a_delay_on_one_topic_reorders_across_topics_and_not_within() -> None:
    """delay: later frames of the topic queue behind the one that is held."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.join(desk.topic)
    agent.frames.clear()
    desk.server.faults.delay(0.5, topic=desk.agents, times=1)
    desk.shout(visitor, "one")
    desk.shout(visitor, "two")
    assert {frame[2] for frame in agent.frames} == {desk.topic}
    desk.clock.advance(0.4)
    assert agent.heard(desk.agents) == []
    desk.clock.advance(0.2)
    assert agent.bodies(desk.agents) == ["one", "two"]


def test_a_stalled_connection_says_nothing_and_hears_nothing() -> None:
    """stall: the heartbeat gets no reply, and new sockets are silent too."""
    desk = Desk()
    agent = desk.agent()
    fault = desk.server.faults.stall()
    agent.push("phoenix", "heartbeat")
    fresh = SocketClient(desk.server, {"vsn": "2.0.0"})
    fresh.join(desk.room)
    assert agent.frames == fresh.frames == []
    fault.remove()
    agent.push("phoenix", "heartbeat")
    assert len(agent.frames) == 1


def test_a_stall_can_be_one_connections_own() -> None:
    """stall by connection: the other one does not notice."""
    desk = Desk()
    one, other, visitor = desk.agent(), desk.agent(desk.ann), desk.visitor()
    one.frames.clear()
    other.frames.clear()
    desk.server.faults.stall(connection=one.socket)
    desk.shout(visitor, "hello")
    assert one.frames == []
    assert other.bodies(desk.agents) == ["hello"]


def test_lost_frames_can_be_named_by_event() -> None:
    """lose: the shout vanishes on the way to the agents only."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.frames.clear()
    desk.server.faults.lose(topic="notification:", event="shout", times=1)
    desk.shout(visitor, "lost")
    assert agent.frames == []
    assert visitor.bodies(desk.topic) == ["lost"]


def test_the_next_sockets_are_refused_and_then_let_in() -> None:
    """refuse: with a status and a body, a page of HTML for instance."""
    desk = Desk()
    desk.server.faults.refuse(status=502, body="<html>", content_type="text/html", times=1)
    with pytest.raises(Refused) as caught:
        desk.visitor()
    assert (caught.value.status, caught.value.body) == (502, "<html>")
    assert desk.visitor().closed is None


def test_a_join_can_be_refused_with_a_reason_by_topic() -> None:
    """refuse_join: the client reads the reason; other topics, and later joins, are let in."""
    desk = Desk()
    client = SocketClient(desk.server, {"vsn": "2.0.0"})
    fault = desk.server.faults.refuse_join(reason="not now", topic="conversation:", times=1)
    client.join(desk.room)
    assert client.heard(desk.room)[0][1]["status"] == "ok"
    client.join(desk.topic)
    assert [payload for _, payload in client.heard(desk.topic)] == [
        {"status": "error", "response": {"reason": "not now"}}
    ]
    assert client.socket.topics == [desk.room]
    client.join(desk.topic)
    assert client.heard(desk.topic)[0][1]["status"] == "ok"
    assert fault.spent


def test_expired_tokens_refuse_the_next_connect_and_leave_open_sockets_alone() -> None:
    """expire_tokens: access tokens only, unless told."""
    desk = Desk()
    agent = desk.agent()
    session = desk.server.backend.tokens.issue(desk.bot.id)
    desk.server.expire_tokens()
    with pytest.raises(Refused) as caught:
        SocketClient(desk.server, {"token": session.token, "vsn": "2.0.0"})
    assert caught.value.status == 403
    assert agent.closed is None
    assert desk.server.backend.tokens.renew(session.renew_token) is not None
    desk.server.expire_tokens(renew_tokens=True)
    assert desk.server.backend.tokens.renew(session.renew_token) is None


def test_a_crashed_channel_sends_phx_error_and_ends_presence() -> None:
    """crash: the socket stays, the agent is gone from the room."""
    desk = Desk()
    agent, other = desk.agent(), desk.agent(desk.ann)
    agent.frames.clear()
    assert desk.server.crash(desk.agents) == 2
    assert agent.heard(desk.agents)[-1] == ("phx_error", {})
    assert agent.closed is other.closed is None
    assert desk.server.backend.presence.state(desk.room) == {}


@pytest.mark.parametrize(("code", "seen"), [(None, 1006), (1000, 1000), (1012, 1012)])
def test_all_connections_can_be_dropped(code: int | None, seen: int) -> None:
    """drop: abruptly, or with a code."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    assert desk.server.drop(code) == 2
    assert agent.closed == visitor.closed == (seen, "")
    assert desk.server.sockets == []


def test_a_restart_refuses_lets_open_sockets_linger_and_comes_back() -> None:
    """restart: as recorded, with times of the test's; tokens survive."""
    desk = Desk()
    agent, token = desk.agent(), desk.token()
    desk.server.restart(downtime=10, linger=5)
    with pytest.raises(Refused) as caught:
        SocketClient(desk.server, {"token": token, "vsn": "2.0.0"})
    assert caught.value.status is None
    desk.clock.advance(4.9)
    assert desk.server.sockets == [agent.socket]
    desk.clock.advance(0.2)
    assert agent.closed == (1006, "")
    desk.clock.advance(5)
    assert SocketClient(desk.server, {"token": token, "vsn": "2.0.0"}).closed is None


async def test_rest_is_refused_while_the_server_restarts() -> None:
    """restart: in process, where no port can be closed, the request raises."""
    desk = Desk()
    desk.server.restart()
    async with desk.http() as http:
        with pytest.raises(ConnectionRefusedError):
            await http.get("/api/me")


async def test_rest_can_fail_by_method_and_path_so_many_times() -> None:
    """answer: 429 with a header on one call, everything else as ever."""
    desk = Desk()
    desk.server.faults.answer(
        status=429, headers={"retry-after": "7"}, method="GET", path="/api/conversations", times=1
    )
    async with desk.http() as http:
        assert (await http.get("/api/me")).status_code == 200
        limited = await http.get("/api/conversations")
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
        assert (await http.get("/api/conversations")).status_code == 200


async def test_rest_can_be_slow() -> None:
    """slow: the request waits on the server's clock, others pass it, and then it is answered."""
    desk = Desk()
    desk.server.faults.slow(5, path="/api/me", times=1)
    async with desk.http() as http:
        slow = asyncio.create_task(http.get("/api/me"))
        await asyncio.sleep(0)
        assert (await http.get("/api/users")).status_code == 200
        assert not slow.done()
        desk.clock.advance(5)
        assert (await slow).status_code == 200


async def test_an_answer_can_be_late_and_out_of_date() -> None:
    """slow, its answer: what it tells was true when the request came."""
    desk = Desk()
    desk.server.faults.slow(5, answer=True, path="/api/conversations", times=1)
    async with desk.http() as http:
        late = asyncio.create_task(http.get("/api/conversations"))
        await asyncio.sleep(0)
        assert (await http.get("/api/conversations")).json()["total"] == 1
        desk.new_conversation()
        assert (await http.get("/api/conversations")).json()["total"] == 2
        assert not late.done()
        desk.clock.advance(5)
        assert (await late).json()["total"] == 1


def test_an_agent_can_appear_late_in_the_room() -> None:
    """appear_late: the room's first state is empty, and a diff brings the agent in."""
    desk = Desk()
    desk.server.faults.appear_late(0.5)
    agent = desk.agent()
    agent.join(desk.room)
    assert agent.heard(desk.room, "presence_state") == [("presence_state", {})]
    desk.clock.advance(0.5)
    [(_, diff)] = agent.heard(desk.room, "presence_diff")
    assert list(diff["joins"]) == [f"user:{desk.bot.id}"]


def test_an_agent_who_has_left_does_not_appear_late() -> None:
    """appear_late: what is no longer joined is seen by nobody."""
    desk = Desk()
    desk.server.faults.appear_late(0.5)
    agent = desk.agent()
    agent.push(desk.agents, "phx_leave")
    desk.clock.advance(1)
    assert desk.server.backend.presence.state(desk.room) == {}


def test_a_pool_of_connections_can_run_dry() -> None:
    """small_pool: what comes while all are taken crashes its channel, or its join, and no other."""
    desk = Desk()
    pool = desk.server.faults.small_pool(2, seconds=0.1)
    first, second = desk.visitor(), SocketClient(desk.server, {"vsn": "2.0.0"})
    desk.shout(first, "one")
    assert [event for event, _ in first.heard(desk.topic)] == ["shout"]
    desk.shout(first, "two")
    assert [event for event, _ in first.heard(desk.topic)] == ["phx_error"]
    second.join(desk.topic)
    [(_, refused)] = second.heard(desk.topic)
    assert refused["response"] == {"reason": "join crashed"}
    assert pool.hits == 2
    desk.clock.advance(0.1)
    second.join(desk.topic)
    [(_, joined)] = second.heard(desk.topic)
    assert joined["status"] == "ok"


def test_clear_switches_everything_off() -> None:
    """clear: no rule acts any more."""
    desk = Desk()
    visitor = desk.visitor()
    faults = desk.server.faults
    faults.refuse()
    faults.refuse_join()
    faults.stall()
    faults.drop_shout(times=None)
    faults.clear()
    desk.shout(visitor, "heard")
    assert visitor.bodies(desk.topic) == ["heard"]
    assert desk.visitor().socket.topics == [desk.topic]
