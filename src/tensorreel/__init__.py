"""A Transformer's forward pass as an animated film in which every number is real.

``load`` or ``from_module`` gives a ``Model``, its ``run`` a ``Trace``; ``render`` makes a clip of a stage or the whole
film, ``deck`` a lecture, ``export`` a workbook or a notebook; ``diff`` compares two models, ``verify`` says whether a file
still shows what a model computes. What goes wrong is one of ``tensorreel.errors``.

The types stand in ``__init__.pyi``: what is imported here, for types alone too, would count as drawing every clip.
"""

from importlib import import_module
from typing import Any

_PLACES = {
    "api.clip": ("Clip",),
    "api.loading": ("from_module", "load"),
    "api.making": ("deck", "diff", "export", "render", "verify"),
    "core.engine": ("Tensor", "Trace"),
    "core.model": ("Model",),
}
__all__ = ["__version__", "errors", *(name for names in _PLACES.values() for name in names)]
_HOME = {name: f"{__name__}.{place}" for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A public name, imported now, or ``__version__``, asked of the installed package: neither costs a command its
    time.
    """
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name == "errors":
        return import_module(f"{__name__}.errors")
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version(__name__)


def __dir__() -> list[str]:
    return __all__
