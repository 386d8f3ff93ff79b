"""A small neural network in numpy: two hidden layers, a softmax, and, if asked for, four numbers beside it.

Owns: the network's values, its forward pass and its training
(Adam, cosine rate, dropout; everything drawn from the seed).
Leaves: what goes in and what the four numbers mean (box corrections) to those who use it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32, I64
from localazure.training.errors import Diverged
from localazure.training.projection import standardised

__all__ = ["EXTRAS", "Extras", "Mlp", "MlpSettings", "fit_mlp", "one_hot", "softmax"]

EXTRAS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MlpSettings:
    """How to fit. `hidden` is the width of both hidden layers; `dropout` is that of the hidden layers."""

    seed: int
    epochs: int
    hidden: int = 96
    dropout: float = 0.2
    input_dropout: float = 0.1
    batch: int = 256
    rate: float = 2e-3
    decay: float = 5e-3
    least_steps: int = 0
    """With few rows there are more epochs than asked for, until there were so many steps."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extras:
    """Four numbers to learn per row, and how much each row counts for them (0: it has none)."""

    values: F32
    weights: F32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mlp:
    """A fitted network. `classes` outputs go through the softmax, the rest (none or four) are plain numbers."""

    classes: int
    mean: F32
    spread: F32
    w1: F32
    b1: F32
    w2: F32
    b2: F32
    w3: F32
    b3: F32

    def raw(self, rows: F32) -> F32:
        """Logits, then the plain numbers."""
        first = np.maximum(standardised(rows, self.mean, self.spread) @ self.w1 + self.b1, 0)
        second = np.maximum(first @ self.w2 + self.b2, 0)
        return second @ self.w3 + self.b3

    def probabilities(self, rows: F32) -> F32:
        return softmax(self.raw(rows)[:, : self.classes])


def softmax(logits: F32) -> F32:
    """Rows of logits to rows of probabilities."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def one_hot(labels: I64, classes: int) -> F32:
    """Each label as a row with a single 1."""
    return np.eye(classes, dtype=np.float32)[labels]


def fit_mlp(
    rows: F32,
    targets: F32,
    *,
    settings: MlpSettings,
    weights: F32 | None = None,
    extras: Extras | None = None,
    each_epoch: Callable[[int], None] = lambda _: None,
) -> Mlp:
    """Fit to soft targets, one row of probabilities each.

    `rows` may be half precision; they are widened batch by batch.
    `each_epoch` is told the number of finished epochs and may raise to stop.
    """
    rng = np.random.default_rng(settings.seed)
    count, inputs = rows.shape
    classes = targets.shape[1]
    outputs = classes + (EXTRAS if extras else 0)
    mean = rows.mean(0, dtype=np.float32)
    spread = rows.std(0, dtype=np.float32) + np.float32(1e-2)
    network = _Parameters(inputs, settings.hidden, outputs, rng)
    batches = math.ceil(count / settings.batch)
    epochs = max(settings.epochs, math.ceil(settings.least_steps / batches))
    total = epochs * batches
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(count)
        for batch in range(batches):
            chosen = order[batch * settings.batch : (batch + 1) * settings.batch]
            step += 1
            rate = settings.rate * (0.5 + 0.5 * math.cos(math.pi * step / total)) * min(1.0, step / 50)
            x = standardised(rows[chosen].astype(np.float32), mean, spread)
            first, second, out, masks = network.forward(x, rng, settings)
            gradient = np.zeros_like(out)
            wrong = softmax(out[:, :classes]) - targets[chosen]
            gradient[:, :classes] = wrong if weights is None else wrong * weights[chosen, None]
            if extras:
                off = np.clip(out[:, classes:] - extras.values[chosen], -1, 1)  # Huber
                gradient[:, classes:] = off * (2 * extras.weights[chosen, None])
            gradient /= np.float32(len(chosen))
            network.backward(x, first, second, gradient, masks)
            network.update(step, rate, settings.decay)
        each_epoch(epoch + 1)
    if not np.isfinite(network.values).all():
        raise Diverged("the network's weights ran away: they are no numbers any more")
    return network.fitted(classes, mean, spread)


class _Parameters:
    """All weights in one flat array, so that one Adam step is a handful of array operations."""

    def __init__(self, inputs: int, hidden: int, outputs: int, rng: np.random.Generator) -> None:
        shapes = [(inputs, hidden), (hidden,), (hidden, hidden), (hidden,), (hidden, outputs), (outputs,)]
        ends = np.cumsum([math.prod(shape) for shape in shapes]).tolist()
        self.values = np.zeros(ends[-1], np.float32)
        self._slopes = np.zeros_like(self.values)
        self._first = np.zeros_like(self.values)
        self._second = np.zeros_like(self.values)
        self._decays = np.zeros_like(self.values)
        starts = [0, *ends[:-1]]
        places = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        cut = [(place, shape) for place, shape in zip(places, shapes, strict=True)]
        self.w1, self.b1, self.w2, self.b2, self.w3, self.b3 = (self.values[p].reshape(s) for p, s in cut)
        self._d = [self._slopes[p].reshape(s) for p, s in cut]
        for index, shrink in ((0, 1.0), (2, 1.0), (4, 0.3)):
            place, shape = cut[index]
            self.values[place] = rng.normal(0, math.sqrt(2 / shape[0]), math.prod(shape)).astype(
                np.float32
            ) * np.float32(shrink)
            self._decays[place] = 1

    def forward(self, x: F32, rng: np.random.Generator, settings: MlpSettings) -> tuple[F32, F32, F32, tuple[F32, F32]]:
        if settings.input_dropout:
            x *= _kept(x.shape, settings.input_dropout, rng)
        first = np.maximum(x @ self.w1 + self.b1, 0)
        mask1 = _kept(first.shape, settings.dropout, rng)
        first *= mask1
        second = np.maximum(first @ self.w2 + self.b2, 0)
        mask2 = _kept(second.shape, settings.dropout, rng)
        second *= mask2
        return first, second, second @ self.w3 + self.b3, (mask1, mask2)

    def backward(self, x: F32, first: F32, second: F32, gradient: F32, masks: tuple[F32, F32]) -> None:
        dw1, db1, dw2, db2, dw3, db3 = self._d
        np.matmul(second.T, gradient, out=dw3)
        gradient.sum(0, out=db3)
        back = (gradient @ self.w3.T) * masks[1] * (second > 0)
        np.matmul(first.T, back, out=dw2)
        back.sum(0, out=db2)
        back = (back @ self.w2.T) * masks[0] * (first > 0)
        np.matmul(x.T, back, out=dw1)
        back.sum(0, out=db1)

    def update(self, step: int, rate: float, decay: float) -> None:
        """One Adam step with decoupled weight decay."""
        self._first += np.float32(0.1) * (self._slopes - self._first)
        self._second += np.float32(0.01) * (self._slopes * self._slopes - self._second)
        size = np.sqrt(self._second * np.float32(1 / (1 - 0.99**step)))
        move = self._first * np.float32(1 / (1 - 0.9**step)) / (size + np.float32(1e-7))
        self.values -= np.float32(rate) * (move + np.float32(decay) * self._decays * self.values)

    def fitted(self, classes: int, mean: F32, spread: F32) -> Mlp:
        return Mlp(
            classes=classes,
            mean=mean,
            spread=spread,
            w1=self.w1.copy(),
            b1=self.b1.copy(),
            w2=self.w2.copy(),
            b2=self.b2.copy(),
            w3=self.w3.copy(),
            b3=self.b3.copy(),
        )


def _kept(shape: tuple[int, ...], dropout: float, rng: np.random.Generator) -> F32:
    """A mask of zeros and of values a little above 1, so that the sum stays what it was."""
    dropped = round(256 * dropout)
    return (rng.integers(0, 256, shape, np.uint8) >= dropped) * np.float32(256 / (256 - dropped))
