"""Fewer numbers that say the same: standardise, then keep the directions of largest variance (PCA).

Owns: fitting and applying the projection. It is fitted once, without labels, before any network.
"""

from dataclasses import dataclass

import numpy as np

from localazure.training.arrays import F32

__all__ = ["Projection", "fit_projection"]

_CLIP = 5.0
_SAMPLES = 6000
_FAINT = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """`mean` and `spread` have one value per input, `axes` one column per output."""

    mean: F32
    spread: F32
    axes: F32

    def __call__(self, rows: F32) -> F32:
        return standardised(rows, self.mean, self.spread) @ self.axes


def standardised(rows: F32, mean: F32, spread: F32) -> F32:
    """Mean 0, spread 1, outliers cut off at five spreads."""
    scaled = (rows - mean) / spread
    return np.clip(scaled, -_CLIP, _CLIP, out=scaled)


def fit_projection(rows: F32, outputs: int, *, seed: int) -> Projection:
    """Fit on at most 6,000 of the rows. There are never more outputs than inputs."""
    rng = np.random.default_rng(seed)
    if len(rows) > _SAMPLES:
        rows = rows[np.sort(rng.choice(len(rows), _SAMPLES, replace=False))]
    mean = rows.mean(0)
    spread = rows.std(0) + np.float32(1e-2)
    scaled = standardised(rows, mean, spread)
    axes = np.ascontiguousarray(_directions(scaled, outputs), dtype=np.float32)
    return Projection(mean=mean, spread=spread, axes=axes)


def _directions(rows: F32, most: int) -> F32:
    """Unit vectors along which the rows vary most, as columns; those along which they hardly vary are left out."""
    count, inputs = rows.shape
    wide = count < inputs  # then the products of the rows with each other tell the same at less cost
    strengths, vectors = np.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)
    strengths, vectors = strengths[::-1][:most], vectors[:, ::-1][:, :most]
    there = strengths > max(float(strengths[0]) * _FAINT, _FAINT)
    if not there.any():
        return np.eye(inputs, 1, dtype=np.float32)
    vectors = vectors[:, there]
    return rows.T @ vectors / np.sqrt(strengths[there]) if wide else vectors
