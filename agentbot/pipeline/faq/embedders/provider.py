"""Vectors from the language model's provider, at ``/v1/embeddings``, whatever it answers.

Providers differ in how many texts they take at once, and how long ones; that is learnt from what
they refuse. Only the JSON of an answer is used, for the client's own types trust it.
"""

from __future__ import annotations

import json
import random as random_module
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import numpy as np
import openai

from agentbot.errors import LLMError
from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.personal import without_personal
from agentbot.pipeline.provider import (
    MAX_PROBLEM,
    Refusal,
    blocking_client,
    refusal_in,
    refusal_of,
    retry_after,
    without_key,
)
from agentbot.retry import Backoff, RetryPolicy

_PORTION = 128
"""Texts in a request at first: what most providers take, and answered within a second or two."""
_SHORTEST = 50
"""Characters to which a text is cut at most that is too long: what it is about stands there."""
_TIMEOUT = 10.0
"""Seconds for one request for vectors: a provider takes one or two at most."""
_RETRY = RetryPolicy(first_pause=0.5, longest_pause=4.0, longest_asked_pause=8.0)
"""Pauses as short as for a model's answer: a customer may be waiting."""
_ATTEMPTS = 3
_PATIENCE = 5.0
"""Seconds after which a single text, a customer's question, is not tried again."""
_MOST = re.compile(
    r"(?:at most|maximum|max|limit|up to|allowed|exceed|<=?|larger than)\D{0,40}(\d{1,5})\b",
    re.IGNORECASE,
)


@dataclass(eq=False)
class _Failed(LLMError):
    """A request that failed. ``again``: another may do better; ``less``: with fewer texts, too.

    ``most`` is the number of texts that the server names.
    """

    again: bool = False
    less: bool = False
    most: int | None = None
    is_about_length: bool = False
    retry_after: float | None = None


class ProviderEmbedder:
    """An :class:`~agentbot.pipeline.faq.embedders.Embedder` behind an OpenAI-compatible server.

    It blocks: call it in a thread of its own where others wait.
    """

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None,
        base_url: str | None = None,
        hides: bool = True,
        client: openai.OpenAI | None = None,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random_module.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``base_url`` of None: OpenAI's own. ``hides``: the server sees no personal data.
        ``client`` replaces the one that is made of these."""
        # Two servers may have different models of one name; vectors are kept by this.
        host = urlsplit(base_url).netloc.rpartition("@")[2] if base_url else ""
        self.name = f"provider:{model}@{host}" if host else f"provider:{model}"
        self._model = model
        self._api_key = api_key
        self._base_url = base_url
        self._hides = hides
        self._given = client
        self._sleep = sleep
        self._random = random
        self._clock = clock
        self._portion = _PORTION

    @cached_property
    def _client(self) -> openai.OpenAI:
        return self._given or blocking_client(
            api_key=self._api_key, base_url=self._base_url, timeout=_TIMEOUT
        )

    def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return each text's vector, brought to length 1. Raises ``LLMError``."""
        found: list[list[float]] = []
        while len(found) < len(texts):
            found += self._next(texts[len(found) : len(found) + self._portion])
        if len({len(vector) for vector in found}) > 1:
            raise LLMError("server", "the embeddings differ in length")
        finite = [_finite(vector) for vector in found]
        return unit(np.stack(finite)) if finite else np.zeros((0, 0), dtype=np.float32)

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)

    def _next(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vectors of these texts, or of the first of them where they are too many."""
        backoff = Backoff(_RETRY, random=self._random)
        texts = [without_personal(text) if self._hides else text for text in texts]
        texts = [text if text.strip() else "." for text in texts]  # an empty one is refused
        failures, began = 0, self._clock()
        while True:
            try:
                return self._ask(texts)
            except _Failed as error:
                failures += error.again
                is_late = self._clock() - began >= _PATIENCE and len(texts) == 1
                if error.again and (failures >= _ATTEMPTS or is_late):
                    raise self._shown(error) from error
                if error.less and len(texts) > 1:
                    texts = texts[: self._fewer(len(texts), error.most)]
                elif error.is_about_length and len(texts[0]) > _SHORTEST:
                    texts = [texts[0][: len(texts[0]) // 2]]
                elif not error.again:
                    raise self._shown(error) from error
                if error.again:
                    self._sleep(backoff.next(error))

    def _shown(self, error: _Failed) -> LLMError:
        problem = without_key(error.problem, self._api_key)[:MAX_PROBLEM]
        return LLMError(error.kind, f"no embeddings: {problem}")

    def _fewer(self, tried: int, most: int | None) -> int:
        """Return how many texts to send from now on."""
        self._portion = most if most is not None and 0 < most < tried else max(1, tried // 2)
        return self._portion

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        """Ask once. Raises ``_Failed``, and no other error."""
        body = {"model": self._model, "input": list(texts)}
        try:
            answer = self._client.post("/embeddings", body=body, cast_to=object)
        except openai.APIStatusError as error:
            raise _from_refusal(refusal_of(error), retry_after(error)) from error
        except openai.APITimeoutError as error:
            problem = f"no answer within {_TIMEOUT:g} s"
            raise _Failed("timeout", problem, again=True, less=True) from error
        except Exception as error:  # whatever the client raises, here it ends
            problem = f"{type(error).__name__}: {error.__cause__ or error}"
            raise _Failed("connection", problem, again=True) from error
        told = answer.get("error") if isinstance(answer, Mapping) else None
        if said := refusal_in(told):  # with status 200
            raise _from_refusal(said, None)
        vectors = _vectors(answer)
        if vectors is None or len(vectors) != len(texts):
            count = "no" if vectors is None else len(vectors)
            problem = f"{count} vectors for {len(texts)} texts"
            raise _Failed("server", problem, less=True, most=1 if vectors else None)
        return vectors


def _from_refusal(refusal: Refusal, pause: float | None) -> _Failed:
    status = refusal.status or _SERVER_FAILED
    if status == _TOO_MANY:
        less = refusal.is_about_length
        return _Failed("rate_limited", refusal.shown, again=True, less=less, retry_after=pause)
    if status >= _SERVER_FAILED or status == _TIMED_OUT:
        return _Failed("server", refusal.shown, again=True, less=True)
    named = [int(number) for number in _MOST.findall(refusal.text)]
    return _Failed(
        "refused",
        refusal.shown,
        less=status not in _NOT_OF_THE_TEXTS,
        most=min(named, default=None),
        is_about_length=refusal.is_about_length,
    )


_TIMED_OUT = 408
_TOO_MANY = 429
_SERVER_FAILED = 500
_NOT_OF_THE_TEXTS = frozenset({401, 402, 403, 404, 405})


def _vectors(answer: object) -> list[list[float]] | None:
    """Return the vectors of an answer, in the order of the texts; None where it holds none."""
    if isinstance(answer, str):  # JSON that is not called so
        try:
            answer = json.loads(answer)
        except ValueError:
            return None
    items = answer
    if isinstance(answer, Mapping):
        items = answer.get("data") or answer.get("embeddings")
    if not isinstance(items, list):
        return None
    numbers = [_index(item) for item in items]
    # Without an index, or with the same one everywhere, they come in the texts' own order.
    if sorted(numbers) == list(range(len(items))):
        items = [items[numbers.index(place)] for place in range(len(items))]
    found = [item.get("embedding") if isinstance(item, Mapping) else item for item in items]
    return [vector for one in found if (vector := _vector(one)) is not None]


def _index(item: object) -> int:
    """Return the place that an item names; -1 where it names none."""
    number = item.get("index") if isinstance(item, Mapping) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else -1


def _vector(value: object) -> list[float] | None:
    """Return the numbers of one embedding; None where it is none. Some wrap it once more."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or not value:
        return None
    plain = [one for one in value if isinstance(one, int | float) and not isinstance(one, bool)]
    return plain if len(plain) == len(value) else None


def _finite(vector: list[float]) -> Floats:
    """Return the vector as an array. Raises ``LLMError`` where it holds what is no number."""
    try:
        made = np.asarray(vector, dtype=np.float64)
    except OverflowError:
        made = np.full(1, np.nan)
    if not np.isfinite(made).all() or np.abs(made).max() > _LARGEST:
        raise LLMError("server", "the embeddings hold values that are no numbers")
    return made.astype(np.float32)


_LARGEST = 1e6
"""The size of a number in a vector: providers' are below 1, raw sums of layers below a thousand."""
