"""Trainings for tests: the built-in model at many steps, with one weight that goes up."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.variations.scalars import Scalars
from tensorreel.variations.training import Checkpoint, Training
from tests.stub import edited


def training_of(n: int, stage: str = "attn_weights", **more: Any) -> Training:
    """A training with n checkpoints, ten steps apart."""
    return Training(tuple(map(checkpoint, range(n))), stage, **more)


@lru_cache
def checkpoint(k: int) -> Checkpoint:
    """The k-th of them."""
    return Checkpoint(10 * k, forward(edited(tiny_model(), "layers.0.W_Q", (0, 0, 0), 0.1 * k)))


def loss(n: int) -> Scalars:
    """A row for each step of n checkpoints."""
    return Scalars("loss", tuple(range(10 * n)), tuple(2.0 / (1 + k) for k in range(10 * n)), 2)
