"""Which entry a question belongs to: kernel multinomial logistic regression.

Trained on the phrasings' kernel with each other, by L-BFGS in the kernel's own eigenspace; no
library beyond numpy. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_PENALTY = 0.05
"""Weight of the squared norm of the coefficients against one phrasing's log loss: light,
since phrasings are few and every one of them is right."""
_STEPS = 100
"""Iterations of L-BFGS at most, whether it has converged or not: a fit must end."""
_MEMORY = 8
"""Steps whose curvature is remembered: between 3 and 20 is usual (Nocedal and Wright 2006, 7.2)."""
_LEAST_EIGENVALUE = 1e-4
"""Directions of the kernel that weigh less, of the largest, are noise and would be blown up."""
_SUFFICIENT_DECREASE = 1e-4
"""The share of the promised decrease that a step must bring (Nocedal and Wright 2006, 3.1)."""
_LEAST_STEP = 1e-10
"""A step, as a share of the direction, below which no decrease is to be found by halving."""
_TOLERANCE = 1e-6
"""The decrease, as a share of the value, below which it has converged."""
_LEAST_CURVATURE = 1e-12
"""Curvature along a step below which it is left out: it would be divided by."""


@dataclass(frozen=True, slots=True)
class KernelClassifier:
    """``weights`` of shape (phrasings, entries) and ``bias`` of shape (entries,)."""

    weights: Array
    bias: Array

    def log_probs(self, kernel: npt.NDArray[np.floating]) -> Array:
        """Return log probabilities, shape (q, entries), for kernel rows of shape (q, phrasings)."""
        return _log_softmax(kernel @ self.weights + self.bias)


def train(
    kernel: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], entries: int
) -> KernelClassifier:
    """Fit to ``kernel``, shape (n, n), and the phrasings' entry numbers (0 to entries - 1)."""
    values, vectors = np.linalg.eigh(np.asarray(kernel, dtype=np.float64))
    kept = values > _LEAST_EIGENVALUE * values.max()
    back = vectors[:, kept] / np.sqrt(values[kept])
    features = kernel @ back
    truth = np.eye(entries)[labels]

    def loss(flat: Array) -> tuple[float, Array]:
        inner = flat.reshape(-1, entries)
        log_probs = _log_softmax(features @ inner[:-1] + inner[-1])
        residual = np.exp(log_probs) - truth
        gradient = np.vstack([features.T @ residual + _PENALTY * inner[:-1], residual.sum(axis=0)])
        value = -float((log_probs * truth).sum()) + _PENALTY / 2 * float((inner[:-1] ** 2).sum())
        return value, gradient.ravel()

    best = minimize(loss, np.zeros((features.shape[1] + 1) * entries))
    inner = best.reshape(-1, entries)
    return KernelClassifier(back @ inner[:-1], inner[-1])


def held_out(
    kernel: npt.NDArray[np.floating],
    labels: npt.NDArray[np.int64],
    asked: npt.NDArray[np.int64],
    *,
    rounds: int = 10,
    seed: int = 0,
) -> npt.NDArray[np.int64]:
    """Return the entry that each of the phrasings ``asked`` goes to when it is not trained on.

    Each of the ``rounds`` leaves out another part of them, shuffled by ``seed``.
    """
    turn = np.random.default_rng(seed).permutation(len(asked)) % rounds
    nearest = labels[asked].copy()
    for number in range(rounds):
        out = asked[turn == number]
        kept = np.setdiff1d(np.arange(len(labels)), out)
        present, renumbered = np.unique(labels[kept], return_inverse=True)
        if len(out) and len(present) > 1:
            classifier = train(kernel[np.ix_(kept, kept)], renumbered, len(present))
            log_probs = classifier.log_probs(kernel[np.ix_(out, kept)])
            nearest[turn == number] = present[log_probs.argmax(axis=1)]
    return nearest


def minimize(
    loss: Callable[[Array], tuple[float, Array]], start: Array, *, steps: int = _STEPS
) -> Array:
    """Return the point where a smooth convex ``loss`` (value, gradient) is least, by L-BFGS.

    Stops after ``steps`` iterations or when the value falls by less than one part in a million.
    """
    point = start
    value, gradient = loss(point)
    moves: list[tuple[Array, Array, float]] = []
    for _ in range(steps):
        direction = -_inverse_curvature(moves, gradient)
        step = 1.0 if moves else 1.0 / max(1.0, float(np.abs(gradient).sum()))
        descent = float(gradient @ direction)
        while True:
            new = point + step * direction
            new_value, new_gradient = loss(new)
            if new_value <= value + _SUFFICIENT_DECREASE * step * descent or step < _LEAST_STEP:
                break
            step /= 2
        moved, turned = new - point, new_gradient - gradient
        done = value - new_value <= _TOLERANCE * max(1.0, abs(value))
        if (curvature := float(moved @ turned)) > _LEAST_CURVATURE:
            moves = [*moves[1 - _MEMORY :], (moved, turned, 1.0 / curvature)]
        point, value, gradient = new, new_value, new_gradient
        if done and moves:
            break
    return point


def _inverse_curvature(moves: list[tuple[Array, Array, float]], gradient: Array) -> Array:
    """Return the gradient times the estimate of the inverse Hessian.

    By the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4).
    """
    result = gradient.copy()
    factors: list[float] = []
    for moved, turned, scale in reversed(moves):
        factors.append(scale * float(moved @ result))
        result -= factors[-1] * turned
    if moves:
        _, turned, scale = moves[-1]
        result *= 1.0 / (scale * float(turned @ turned))
    for (moved, turned, scale), factor in zip(moves, reversed(factors), strict=True):
        result += (factor - scale * float(turned @ result)) * moved
    return result


def _log_softmax(scores: Array) -> Array:
    top = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(top - np.log(np.exp(top).sum(axis=1, keepdims=True)))
