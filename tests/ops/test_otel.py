"""A turn's trace: one span a step, no text unless it is wanted, and never a secret."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import orjson
import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from agentbot.config.groups import TracesSettings
from agentbot.errors import ConfigurationError, LLMError
from agentbot.ops import otel
from agentbot.ops.logging import configure_logging
from agentbot.ops.otel import OtelTracer, traced
from agentbot.ops.redaction import REDACTED, use_secrets
from agentbot.pipeline.llm.chain import Link, ModelChain
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.tracing import listening, span
from tests.support.bot_running import Playing, play

QUESTION = "How much is the jade kettle?"


@contextmanager
def recorded(*, texts: bool = False) -> Iterator[InMemorySpanExporter]:
    """Record all spans while the body runs."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with listening(OtelTracer(provider, texts=texts)):
        yield exporter
    provider.shutdown()


def turn_with(*, texts: bool) -> dict[str, ReadableSpan]:
    """Let a customer be answered; return the spans by their names."""
    with recorded(texts=texts) as exporter:

        async def story(it: Playing) -> None:
            visitor = it.visitor()
            visitor.write(QUESTION)
            await asyncio.sleep(5)
            assert len(visitor.said) == 1

        play(story)
        return {one.name: one for one in exporter.get_finished_spans()}


def parent_of(one: ReadableSpan) -> int | None:
    """Return the id of the span within which this one was."""
    return None if one.parent is None else one.parent.span_id


def test_a_turn_is_one_trace_with_a_span_a_step() -> None:
    """What became of it stands where it is settled, as in the log's line."""
    spans = turn_with(texts=False)
    assert set(spans) == {"turn", "claim", "read", "decide", "deliver", "settle"}
    turn = spans["turn"]
    steps = [one for name, one in spans.items() if name != "turn"]
    assert {parent_of(one) for one in steps} == {turn.context.span_id}
    assert parent_of(turn) is None
    settled = spans["settle"].attributes or {}
    assert settled["agentbot.outcome"] == "replied"
    assert settled["agentbot.source"] == "greeting"
    assert QUESTION not in str([one.to_json() for one in spans.values()])


def test_texts_stand_in_it_where_they_are_wanted() -> None:
    """The question and the answer."""
    settled = turn_with(texts=True)["settle"].attributes or {}
    assert (settled["agentbot.question"], settled["agentbot.answer"]) == (QUESTION, "Hello!")


class Model:
    """Answers, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails

    async def complete(self, *_messages: object, **_more: object) -> Completion:
        """Do as it is made to."""
        if self._fails:
            raise LLMError("server", "hunter2-secret said by the server")
        return Completion("Yes.", prompt_tokens=12, completion_tokens=3)


async def asked(model: Model) -> None:
    """Ask it."""
    chain = ModelChain([Link("tiny", model)])
    await chain.complete([ChatMessage("user", QUESTION)], seconds=1)


@pytest.mark.parametrize("texts", [False, True])
async def test_a_models_answer_is_told_by_the_conventions(*, texts: bool) -> None:
    """Its tokens; what was written only where texts are wanted."""
    with recorded(texts=texts) as exporter:
        await asked(Model())
    [one] = exporter.get_finished_spans()
    told = dict(one.attributes or {})
    assert (one.name, one.kind) == ("chat tiny", SpanKind.CLIENT)
    assert told["gen_ai.operation.name"] == "chat"
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (12, 3)
    assert (QUESTION in str(told)) is texts
    if texts:
        [said] = json.loads(str(told["gen_ai.output.messages"]))
        assert said == {"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]}


async def test_of_an_error_only_its_kind_is_told() -> None:
    """Its text may hold anything."""
    with recorded(texts=True) as exporter, pytest.raises(LLMError):
        await asked(Model(fails=True))
    [one] = exporter.get_finished_spans()
    assert one.status.status_code is StatusCode.ERROR
    assert (one.attributes or {})["error.type"] == "LLMError"
    assert "hunter2" not in one.to_json()
    assert not one.events


async def test_what_is_given_up_is_no_error() -> None:
    """A turn begins anew since somebody wrote; whoever watches for errors is not to be woken."""
    with recorded() as exporter:

        async def waits() -> None:
            with span("decide"):
                await asyncio.Event().wait()

        under_way = asyncio.create_task(waits())
        await asyncio.sleep(0)
        under_way.cancel()
        await asyncio.wait({under_way})
    [one] = exporter.get_finished_spans()
    assert one.status.status_code is StatusCode.UNSET
    assert dict(one.attributes or {}) == {"agentbot.cancelled": True}


def test_no_secret_stands_in_a_span() -> None:
    """Whatever is put into one."""
    use_secrets(["hunter2-hunter2"])
    try:
        with recorded() as exporter, span("turn", {"a": "is hunter2-hunter2"}) as under_way:
            under_way.note({"b": "hunter2-hunter2"})
        [one] = exporter.get_finished_spans()
        assert dict(one.attributes or {}) == {"a": f"is {REDACTED}", "b": REDACTED}
    finally:
        use_secrets(())


def test_a_line_of_the_log_names_the_step_that_it_was_said_in() -> None:
    """So that one is found from the other."""
    out = StringIO()
    try:
        configure_logging(format="json", stream=out)
        with recorded() as exporter, span("turn"):
            structlog.get_logger().info("said within")
        structlog.get_logger().info("said outside")
    finally:
        structlog.reset_defaults()
    [one] = exporter.get_finished_spans()
    within, outside = (orjson.loads(line) for line in out.getvalue().splitlines())
    assert within["trace_id"] == f"{one.context.trace_id:032x}"
    assert within["span_id"] == f"{one.context.span_id:016x}"
    assert "trace_id" not in outside


async def test_a_collector_gets_them() -> None:
    """By OTLP over HTTP, all that there are by the time it ends."""
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        async with traced(TracesSettings(endpoint=endpoint)):
            with span("turn"):
                pass
    finally:
        await asyncio.to_thread(server.shutdown)
        serving.join()
        server.server_close()
    [told] = [ExportTraceServiceRequest.FromString(one) for one in got]
    [resource] = told.resource_spans
    names = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert names["service.name"] == "agentbot"
    assert resource.scope_spans[0].schema_url == otel.SCHEMA
    assert [one.name for one in resource.scope_spans[0].spans] == ["turn"]


async def test_without_a_collector_nothing_is_traced() -> None:
    """By default."""
    async with traced(TracesSettings()):
        with span("turn") as under_way:
            assert type(under_way).__name__ == "_Unheard"


async def test_without_the_extra_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When it starts, not with the first span."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigurationError, match=r"agentbot\[otel\]"):
        async with traced(TracesSettings(endpoint="http://localhost:4318")):
            pass
