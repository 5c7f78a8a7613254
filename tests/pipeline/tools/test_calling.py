"""What a model may look up, and what it gets back, whatever it asks."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.tools.calling import ToolCalls, parameters_of
from agentbot.pipeline.tools.toolbox import Toolbox
from agentbot.pipeline.turn import Customer
from tests.support.tools import facts, resolving, tool

_TOOL = r"""
tools:
  - name: order_status
    about: Says how far an order is.
    url: https://shop.example.com/orders/{order}?mail={mail}&lines={lines}
    parameters:
      order: {about: The number., pattern: '[A-Z]{2}\d{6}', from: message}
      mail: {from: customer.email}
      lines: {type: integer, required: false}
    result:
      status: {about: the order's status}
      gift: {type: boolean, required: false}
      item_names: {path: 'items.*', type: list, required: false}
"""
_BODY = b'{"status": "sent", "gift": true, "items": ["Bowl", "Cup"], "margin": 1}'
VERA = Customer(id="c", email="vera@example.com")


def calls(status: int = 200, body: bytes = _BODY) -> tuple[ToolCalls, list[str]]:
    """Return the calls of one tool, and the URLs that it has asked."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path.decode())
        kind = {"content-type": "application/json"}
        return httpx2.Response(status, headers=kind, stream=httpx2.ByteStream(body))

    resolve, _ = resolving(["93.184.216.34"])
    made = tool(_TOOL)
    toolbox = Toolbox([made], {}, resolve=resolve, transport=lambda: httpx2.MockTransport(answer))
    return ToolCalls(toolbox, [made]), asked


def test_a_model_is_told_what_it_may_ask() -> None:
    """What is known of the customer is none of its business."""
    assert parameters_of(tool(_TOOL)) == {
        "type": "object",
        "properties": {
            "order": {
                "type": "string",
                "description": "The number.",
                "pattern": r"^(?:[A-Z]{2}\d{6})$",
            },
            "lines": {"type": "integer"},
        },
        "required": [],
        "additionalProperties": False,
    }


async def test_what_is_found_is_a_passage() -> None:
    """With a line for each field that is kept."""
    called, asked = calls()
    got = await called.call("order_status", {"order": "FF123456"}, facts("?", VERA))
    assert got.passage == Passage(
        "tool/order_status",
        "Says how far an order is.",
        "The number: FF123456\nthe order's status: sent\ngift: yes\nitem names: Bowl, Cup",
    )
    assert asked == ["/orders/FF123456?mail=vera%40example.com"]
    assert got.looked is not None


async def test_a_model_cannot_say_who_the_customer_is() -> None:
    """Whatever it writes: what comes from what is known stays so."""
    called, asked = calls()
    told = {"order": "FF123456", "mail": "other@example.com", "nonsense": 1}
    await called.call("order_status", told, facts("?", VERA))
    assert asked == ["/orders/FF123456?mail=vera%40example.com"]


async def test_nothing_found_may_be_said() -> None:
    """It is something to answer from: that there is none."""
    called, _ = calls(404)
    got = await called.call("order_status", {"order": "FF123456"}, facts("?", VERA))
    assert got.passage is not None
    assert got.passage.text == "The number: FF123456\nNothing was found: there is no such thing."


async def test_a_failure_is_no_passage() -> None:
    """Nothing may be answered from it."""
    called, _ = calls(403)
    got = await called.call("order_status", {"order": "FF123456"}, facts("?", VERA))
    assert got.passage is None
    assert got.said == "order_status cannot be asked at the moment."
    assert got.looked is not None
    assert got.looked.code == "refused"


@pytest.mark.parametrize(
    ("name", "arguments", "customer", "said"),
    [
        ("weather", {}, VERA, "There is no look-up of this name; there is: order_status."),
        ("order_status", {}, VERA, "order_status was not asked: order is not known."),
        ("order_status", {"order": "FF123456"}, Customer(id="c"), "mail is not known"),
        ("order_status", {"order": "../x"}, VERA, "order_status was not asked: order does not fit"),
        ("order_status", {"order": "FF123456", "lines": "many"}, VERA, "lines does not fit"),
    ],
)
async def test_what_is_asked_wrongly_is_told(
    name: str, arguments: dict[str, object], customer: Customer, said: str
) -> None:
    """And nobody is asked."""
    called, asked = calls()
    got = await called.call(name, arguments, facts("?", customer))
    assert said in got.said
    assert got.passage is None
    assert asked == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text() | st.just("order_status"),
    arguments=st.dictionaries(
        st.text() | st.sampled_from(["order", "mail", "lines"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ),
)
async def test_whatever_a_model_asks_is_answered(name: str, arguments: dict[str, object]) -> None:
    """Never with an error, and never by another path."""
    called, asked = calls()
    got = await called.call(name, arguments, facts("?", VERA))
    assert got.said or got.passage
    assert all(path.startswith("/orders/") and path.count("/") == 2 for path in asked)


async def test_what_is_empty_has_no_line() -> None:
    """A field that need not be there."""
    called, _ = calls(body=b'{"status": "sent", "gift": false}')
    got = await called.call("order_status", {"order": "FF123456"}, facts("?", VERA))
    assert got.passage is not None
    assert got.passage.text == "The number: FF123456\nthe order's status: sent\ngift: no"
