"""The compiled kernel, where it was built; without it the same frames are drawn by Python alone, more slowly.

``TENSORREEL_KERNEL=0`` leaves it unused. Modules ask ``native.kernel`` at each call, so ``without`` works at
any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def _load() -> Any:
    """The extension module, or ``None`` where no compiler built it or it is not wanted."""
    if os.environ.get("TENSORREEL_KERNEL") == "0":
        return None
    try:
        from tensorreel.film.draw import _kernel  # type: ignore[attr-defined,unused-ignore]
    except ImportError:
        return None
    return _kernel


kernel: Any = _load()


@contextmanager
def without() -> Iterator[None]:
    """Python alone for a while."""
    global kernel
    held, kernel = kernel, None
    try:
        yield
    finally:
        kernel = held
