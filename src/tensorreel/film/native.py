"""The compiled helpers, where they were built: ``kernel`` draws, ``coder`` writes H.264. Without them the same frames
are drawn by Python and coded by x264, more slowly.

``TENSORREEL_KERNEL=0`` leaves both unused. Modules ask ``native.kernel`` at each call, so ``without`` works at
any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def _load(name: str) -> Any:
    """An extension module, or ``None`` where no compiler built it or it is not wanted."""
    if os.environ.get("TENSORREEL_KERNEL") == "0":
        return None
    try:
        return import_module(f"tensorreel.film.{name}")
    except ImportError:
        return None


kernel: Any = _load("_kernel")
coder: Any = _load("_h264")


@contextmanager
def without() -> Iterator[None]:
    """Neither of them for a while."""
    global kernel, coder
    held = kernel, coder
    kernel = coder = None
    try:
        yield
    finally:
        kernel, coder = held
