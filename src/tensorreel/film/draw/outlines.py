"""The outlines of many objects in one array, and the same as a cairo path, object by object."""

from __future__ import annotations

import ctypes
import sys

import cairo
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
ATOL, RTOL = 1e-6, 1e-5  # when two ends count as one: VMobject.tolerance_for_point_equality, np.isclose
_MOVE, _CURVE, _CLOSE = 0, 2, 3  # cairo_path_data_type_t


class _Path(ctypes.Structure):
    """cairo_path_t."""

    _fields_ = [("status", ctypes.c_int), ("data", ctypes.c_void_p), ("num_data", ctypes.c_int)]


# What the kernel calls, in its order.
_CALLED = (
    *("new_path", "move_to", "curve_to", "close_path", "set_source_rgba", "set_line_width", "set_line_join"),
    *("set_line_cap", "fill", "fill_preserve", "stroke", "mask_surface", "image_surface_create"),
    *("image_surface_get_data", "image_surface_get_stride", "surface_mark_dirty", "surface_destroy"),
)


def _find(*names: str) -> list[ctypes._NamedFuncPointer]:
    """Functions of the cairo library that pycairo already loaded; none if one of them is not found."""
    try:
        library = ctypes.CDLL(str(sys.modules["cairo._cairo"].__file__))
        return [getattr(library, f"cairo_{name}") for name in names]
    except (AttributeError, KeyError, OSError):
        return []


def _find_append() -> ctypes._NamedFuncPointer | None:
    """cairo's own ``cairo_append_path``."""
    (found,) = _find("append_path") or (None,)
    if found is None:
        return None
    found.argtypes, found.restype = [ctypes.c_void_p, ctypes.c_void_p], None
    return found


def context_address(context: cairo.Context[cairo.ImageSurface]) -> int:
    """Address of the ``cairo_t`` behind a pycairo context: the first field after the object's head."""
    return ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value or 0


def _meet(a: Points, b: Points) -> npt.NDArray[np.bool_]:
    """Row by row: whether two ends of curves count as one."""
    return np.asarray((np.abs(a - b) <= ATOL + RTOL * np.abs(b)).all(1))


def runs(points: Points, offsets: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """[curves, 2]: which curves open a run of joined ones, and which end one where it began."""
    starts, ends = points[::4, :2], points[3::4, :2]
    opens, shuts = np.ones(len(starts), dtype=bool), np.zeros(len(starts), dtype=bool)
    opens[1:] = ~_meet(ends[:-1], starts[1:])
    opens[offsets[:-1] // 4] = True
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(starts)) - 1
    shuts[last] = _meet(starts[first], ends[last])
    return np.stack((opens, shuts), axis=1)


class Outlines:
    """Cubic outlines: ``points[offsets[i]:offsets[i+1]]`` are object *i*'s, four per curve, in frame units."""

    def __init__(self, points: Points, offsets: npt.NDArray[np.intp]) -> None:
        self.points, self.offsets = points, offsets
        self._build()

    def move(self, points: Points) -> None:
        """The same objects with other points (same counts)."""
        self.points = points
        if np.array_equal(runs(points, self.offsets), self._runs):
            self._cells[self._targets] = points[self._sources, :2]
        else:
            self._build()

    def _build(self) -> None:
        """Lay the path out as cairo's cells: a header, then its points; 16 bytes each."""
        n = len(self.points) // 4
        self._runs = runs(self.points, self.offsets)
        opens, shuts = self._runs.T
        place = np.concatenate(([0], np.cumsum(4 + 2 * opens + shuts)))
        self._cells = np.zeros((int(place[-1]), 2))
        heads = self._cells.view(np.int32).reshape(-1, 4)
        curves, moves, closes = place[:-1] + 2 * opens, place[:-1][opens], place[1:][shuts] - 1
        heads[curves, :2] = _CURVE, 4
        heads[moves, :2] = _MOVE, 2
        heads[closes, :2] = _CLOSE, 1
        at = 4 * np.arange(n)
        self._targets = np.concatenate((curves + 1, curves + 2, curves + 3, moves + 1))
        self._sources = np.concatenate((at + 1, at + 2, at + 3, at[opens]))
        self._cells[self._targets] = self.points[self._sources, :2]
        self._slice(place[self.offsets // 4])

    def _slice(self, bounds: npt.NDArray[np.intp]) -> None:
        """One ``cairo_path_t`` for each object."""
        base, edges = self._cells.ctypes.data, bounds.tolist()
        self._paths = (_Path * max(len(edges) - 1, 1))()
        for path, a, b in zip(self._paths, edges, edges[1:], strict=False):
            path.data, path.num_data = base + 16 * a, b - a
        self.address = ctypes.addressof(self._paths)
        self._bounds = edges

    def emit(self, context: cairo.Context[cairo.ImageSurface], index: int) -> None:
        """Append object ``index`` to the context's path, one Python call per curve."""
        cells = self._cells[self._bounds[index] : self._bounds[index + 1]]
        heads = cells.view(np.int32).reshape(-1, 4)
        at = 0
        while at < len(cells):
            kind, step = int(heads[at, 0]), int(heads[at, 1])
            if kind == _MOVE:
                context.move_to(*cells[at + 1].tolist())
            elif kind == _CURVE:
                context.curve_to(*cells[at + 1 : at + 4].ravel().tolist())
            else:
                context.close_path()
            at += step

    def append(self, context: cairo.Context[cairo.ImageSurface], address: int, index: int) -> None:
        """Append object ``index`` to the context's path in one call; ``address`` is the context's."""
        if _append is None:
            self.emit(context, index)
        else:
            _append(address, self.address + index * _SIZE)


def _trusted(append: ctypes._NamedFuncPointer | None) -> bool:
    """Whether the quick way draws the same path as the plain one, on this pycairo."""
    if append is None:
        return False
    points = np.array(
        [[0, 0, 0], [1, 2, 0], [3, 4, 0], [5, 5, 0], [5, 5, 0], [6, 1, 0], [2, 0, 0], [0, 0, 0]], float
    )
    shape = Outlines(points, np.array([0, 8]))
    surface = cairo.ImageSurface(cairo.FORMAT_A8, 8, 8)
    plain, quick = cairo.Context(surface), cairo.Context(surface)
    shape.emit(plain, 0)
    append(context_address(quick), shape.address)
    return str(plain.copy_path()) == str(quick.copy_path())


_SIZE = ctypes.sizeof(_Path)
_append = _find_append()
if not _trusted(_append):
    _append = None


def _calls() -> npt.NDArray[np.uintp] | None:
    """Addresses of cairo's functions for the kernel, or ``None`` where pycairo's contexts are not as expected."""
    found = _find(*_CALLED) if _append is not None else []
    addresses = [ctypes.cast(call, ctypes.c_void_p).value or 0 for call in found]
    return np.array(addresses, dtype=np.uintp) if addresses else None


CALLS = _calls()
