from typing import Any

from tensorreel import errors
from tensorreel.api.clip import Clip
from tensorreel.api.loading import from_module, load
from tensorreel.api.making import deck, diff, export, render, verify
from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.model import Model

__all__ = [
    "Clip",
    "Model",
    "Tensor",
    "Trace",
    "__version__",
    "deck",
    "diff",
    "errors",
    "export",
    "from_module",
    "load",
    "render",
    "verify",
]
__version__: str
scenes: Any  # of which mypy is told nothing, and which it looks for here
