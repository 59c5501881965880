"""A Transformer's forward pass as an animated film in which every number is real."""

from typing import Any

__version__: str


def __getattr__(name: str) -> Any:
    """``__version__``, asked of the installed package; importing it here would cost every command its time."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version(__name__)
