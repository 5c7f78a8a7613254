"""Traces for OpenTelemetry, sent to a collector by OTLP over HTTP. Needs the extra ``otel``.

No text of customers or models stands in them unless ``AGENTBOT_TRACES__TEXTS`` says so, and no
error's text ever: it may hold anything. Names are those of OpenTelemetry's semantic conventions at
`SCHEMA`, and agentbot's own under ``agentbot.``. ``OTEL_EXPORTER_OTLP_HEADERS``,
``OTEL_TRACES_SAMPLER`` and ``OTEL_RESOURCE_ATTRIBUTES`` are heeded by the library itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from agentbot import __version__
from agentbot.config.groups import TracesSettings
from agentbot.errors import ConfigurationError
from agentbot.ops.redaction import redact
from agentbot.tracing import Attributes, Value, listening

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

SCHEMA = "https://opentelemetry.io/schemas/1.37.0"
"""The version of the semantic conventions whose names are used."""
_EXPORTER = "opentelemetry.exporter.otlp.proto.http"
"""What the extra brings; other packages bring parts of what this name begins with."""
_SECONDS = 5.0
"""Seconds that the collector may take for a batch, and for all that is left at the end; one that is
away loses spans, and costs nothing else."""


class _Span:
    """A span of OpenTelemetry's, without secrets."""

    def __init__(self, inner: trace.Span, *, holds_texts: bool) -> None:
        self.holds_texts = holds_texts
        self._inner = inner

    def note(self, attributes: Attributes) -> None:
        """Add what became of it."""
        self._inner.set_attributes(_clean(attributes))


class OtelTracer:
    """What tells an OpenTelemetry provider of all spans."""

    def __init__(self, provider: TracerProvider, *, texts: bool = False) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - the extra may be absent

        self._trace = trace
        self._tracer = provider.get_tracer("agentbot", __version__, schema_url=SCHEMA)
        self._texts = texts

    @contextmanager
    def span(self, name: str, attributes: Attributes, *, is_client: bool) -> Iterator[_Span]:
        """Begin a span within the one under way."""
        trace = self._trace
        with self._tracer.start_as_current_span(
            name,
            kind=trace.SpanKind.CLIENT if is_client else trace.SpanKind.INTERNAL,
            attributes=_clean(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as inner:
            try:
                yield _Span(inner, holds_texts=self._texts)
            except asyncio.CancelledError:  # a turn begins anew since somebody wrote: no error
                inner.set_attributes({"agentbot.cancelled": True})
                raise
            except BaseException as error:
                inner.set_attribute("error.type", type(error).__qualname__)
                inner.set_status(trace.StatusCode.ERROR)
                raise

    def ids(self) -> Mapping[str, str]:
        """Return the ids of the span under way, as W3C's trace context writes them."""
        context = self._trace.get_current_span().get_span_context()
        if not context.is_valid:
            return {}
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def _clean(attributes: Attributes) -> dict[str, Value]:
    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in attributes.items()
    }


@asynccontextmanager
async def traced(settings: TracesSettings) -> AsyncIterator[None]:
    """Send spans to the collector that the settings name, while the body runs; or do nothing.

    What is left is sent at the end. Raises ``ConfigurationError`` where the extra is missing.
    """
    if settings.endpoint is None:
        yield
        return
    require_exporter()
    provider = _provider(settings.endpoint)
    try:
        with listening(OtelTracer(provider, texts=settings.texts)):
            yield
    finally:
        # A collector that is away is asked again and again: nobody waits for the end of that.
        last = threading.Thread(target=provider.shutdown, name="traces", daemon=True)
        last.start()
        await asyncio.to_thread(last.join, _SECONDS)


def require_exporter() -> None:
    """Raise ``ConfigurationError`` where the packages are missing that traces are sent with."""
    if not _is_installed(_EXPORTER):
        raise ConfigurationError(
            "AGENTBOT_TRACES__ENDPOINT",
            "traces need the packages of the extra otel, which are not installed",
            "pip install 'agentbot[otel]', or unset it",
        )


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of what the name is in
        return False


def _provider(endpoint: str) -> TracerProvider:
    # They take a fifth of a second to load, and only whoever traces needs them.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": "agentbot", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
