"""The one place where Manim itself is changed, and the list of what our renderer takes for granted in it.

Changed, for the whole process, are two methods, for their speed. ``Mobject.__deepcopy__``: Manim copies every mobject
of a play two or three times, through the general machinery of :mod:`copy`; the replacement copies the same fields and
knows the common types. ``Mobject.get_family``, which nearly every other method calls: a walk without recursion, and
Manim's own where a part is met twice. Everything else goes through Manim's own seams, which ``SEAMS`` names.

With another Manim than the one this was written for, or where a seam is another one or gone, nothing is
changed, a warning says so, and frames are drawn by Manim's own play (``stock``).
"""

from __future__ import annotations

import copy
import inspect
import warnings
from enum import Enum
from importlib import import_module
from types import BuiltinFunctionType, FunctionType
from typing import Any

import manim
import numpy as np
from manim.mobject.mobject import Mobject
from manim.utils.color import ManimColor

WRITTEN_FOR = "0.22."
# What our renderer calls, overrides or does in Manim's stead: module:place -> its parameters, None for a value.
SEAMS: dict[str, str | None] = {
    "manim.scene.scene:Scene.begin_animations": "self",
    "manim.scene.scene:Scene.compile_animation_data": "self animations play_kwargs",
    "manim.scene.scene:Scene.get_run_time": "self animations",
    "manim.scene.scene:Scene.is_current_animation_frozen_frame": "self",
    "manim.scene.scene:Scene.update_mobjects": "self dt",
    "manim.scene.scene:Scene.update_to_time": "self t",
    "manim.renderer.cairo_renderer:CairoRenderer.init_scene": "self scene session_spec file_writer_settings",
    "manim.renderer.cairo_renderer:CairoRenderer.play": "self scene args kwargs",
    "manim.renderer.cairo_renderer:CairoRenderer.scene_finished": "self scene",
    "manim.camera.camera:Camera.cache_cairo_context": "self pixel_array ctx",
    "manim.camera.camera:Camera.display_vectorized": "self vmobject ctx",
    "manim.camera.camera:CAP_STYLE_MAP": None,
    "manim.camera.camera:LINE_JOIN_MAP": None,
    "manim.animation.animation:Animation.clean_up_from_scene": "self scene",
    "manim.animation.animation:Animation.finish": "self",
    "manim.animation.animation:Animation.get_all_families_zipped": "self",
    "manim.animation.animation:Animation.get_all_mobjects": "self",
    "manim.animation.animation:Animation.get_sub_alpha": "self alpha index num_submobjects",
    "manim.animation.animation:Animation.interpolate": "self alpha",
    "manim.animation.animation:Animation.interpolate_mobject": "self alpha",
    "manim.animation.composition:AnimationGroup.interpolate": "self alpha",
    "manim.animation.transform:Transform.get_all_families_zipped": "self",
    "manim.animation.transform:Transform.interpolate_submobject": (
        "self submobject starting_submobject target_copy alpha"
    ),
    "manim.mobject.mobject:Mobject.get_family": "self recurse",
    "manim.mobject.mobject:Mobject.interpolate": "self mobject1 mobject2 alpha path_func",
    "manim.mobject.types.vectorized_mobject:VMobject.interpolate_color": "self mobject1 mobject2 alpha",
    "manim.utils.bezier:interpolate": "start end alpha",
    "manim.utils.iterables:remove_list_redundancies": "lst",
    "manim.utils.paths:straight_path": "",
}
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
_STOCK_FAMILY_NAMES = ("remove_list_redundancies", "list", "_iter_family", "set")
_SHARED = frozenset(
    {int, float, bool, str, bytes, complex, type(None), type, np.float64, ManimColor}
    | {FunctionType, BuiltinFunctionType}
)
_stock, _stock_family = Mobject.__deepcopy__, Mobject.get_family
_GONE = "(gone)"
_said: set[str] = set()


class OtherManim(RuntimeWarning):
    """This Manim is not the one that the renderer was written for."""


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


def quick_family(self: Mobject, recurse: bool = True) -> list[Mobject]:
    """The same parts in the same order as Mobject's own."""
    if not self.submobjects:
        return [self]
    found: list[Mobject] = []
    met: set[int] = set()
    waiting = [self]
    while waiting:
        part = waiting.pop()
        if id(part) in met:
            return _stock_family(self, recurse)
        met.add(id(part))
        found.append(part)
        waiting += part.submobjects[::-1]
    return found


def unfit() -> str | None:
    """What of this Manim is not as our renderer needs it; ``None`` where all is."""
    if not manim.__version__.startswith(WRITTEN_FOR):
        return f"manim {manim.__version__}, expected {WRITTEN_FOR}*"
    for seam, parameters in SEAMS.items():
        if (found := _parameters(seam)) != parameters:
            place = seam.rpartition(":")[2]
            return f"manim {manim.__version__}: {place} is {'gone' if found == _GONE else 'another one'}"
    for name, method, names in (
        ("__deepcopy__", _stock, _STOCK_NAMES),
        ("get_family", _stock_family, _STOCK_FAMILY_NAMES),
    ):
        if set(getattr(getattr(method, "__code__", None), "co_names", ())) != set(names):
            return f"manim {manim.__version__}: Mobject.{name} is another one"
    return None


def _parameters(seam: str) -> str | None:
    """The names of a seam's parameters; ``None`` of a value that is there, a word of its own for what is not."""
    module, _, path = seam.partition(":")
    try:
        found: Any = import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return _GONE
    return " ".join(inspect.signature(found).parameters) if callable(found) else None


def apply() -> bool:
    """Put the replacement in place, once. Returns whether it is; where it is not, a warning has said why."""
    reason = unfit()
    if reason is None:
        Mobject.__deepcopy__, Mobject.get_family = quick_deepcopy, quick_family
        return True
    undo()
    if reason not in _said:
        _said.add(reason)
        warnings.warn(f"{reason}; frames are drawn Manim's own way, slowly", OtherManim, stacklevel=2)
    return False


def undo() -> None:
    """Back to Manim's own methods."""
    Mobject.__deepcopy__, Mobject.get_family = _stock, _stock_family
