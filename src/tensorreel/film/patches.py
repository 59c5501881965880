"""The one place where Manim itself is changed, for the whole process.

Only ``Mobject.__deepcopy__``: Manim copies every mobject of a play two or three times, through the general
machinery of :mod:`copy`. The replacement copies the same fields and knows the common types. It is applied
only to the Manim it was written for; another one keeps its own way, with a warning.
"""

from __future__ import annotations

import copy
import warnings
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import Any

import manim
import numpy as np
from manim.mobject.mobject import Mobject
from manim.utils.color import ManimColor

WRITTEN_FOR = "0.22."
_STOCK_NAMES = (
    "__class__",
    "__new__",
    "id",
    "__dict__",
    "items",
    "setattr",
    "copy",
    "deepcopy",
    "str",
    "original_id",
)
_SHARED = frozenset(
    {int, float, bool, str, bytes, complex, type(None), type, np.float64, ManimColor}
    | {FunctionType, BuiltinFunctionType}
)
_stock = Mobject.__deepcopy__


def quick_deepcopy(self: Mobject, memo: dict[int, Any]) -> Mobject:
    """A deep copy equal to Mobject's own: arrays are copied, immutable values shared."""
    cls = self.__class__
    new = cls.__new__(cls)
    memo[id(self)] = new
    fields = new.__dict__
    for key, value in self.__dict__.items():
        kind = type(value)
        if kind in _SHARED:
            fields[key] = value
        elif kind is np.ndarray and value.dtype != object:
            known = memo.get(id(value))
            if known is None:
                known = memo[id(value)] = value.copy()
            fields[key] = known
        elif kind is list and not value:
            fields[key] = []
        elif isinstance(value, Enum) or key == "path_obj":  # an SVG's own path, never changed after reading
            fields[key] = value
        else:
            fields[key] = copy.deepcopy(value, memo)
    fields["original_id"] = str(id(self))
    return new


def fits() -> bool:
    """Whether this Manim is the one the replacement was written for."""
    names = getattr(getattr(_stock, "__code__", None), "co_names", ())
    return manim.__version__.startswith(WRITTEN_FOR) and set(names) == set(_STOCK_NAMES)


def apply() -> bool:
    """Put the replacement in place, once. Returns whether it is in place."""
    if Mobject.__deepcopy__ is quick_deepcopy:
        return True
    if not fits():
        warnings.warn(
            f"manim {manim.__version__} is not the one tensorreel was tuned for; rendering is slower",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
    Mobject.__deepcopy__ = quick_deepcopy
    return True


def undo() -> None:
    """Back to Manim's own copying."""
    Mobject.__deepcopy__ = _stock
