"""The compiled kernel checks at its door what Python hands it: a wrong array is a ``ValueError``, never a crash."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from tensorreel.film.draw import manim_setup, native

manim_setup.import_manim()

from manim import Circle, Square, config  # noqa: E402
from manim.camera.camera import Camera  # noqa: E402

from tensorreel.film.draw.layer import _CAPS, _JOINS, CAP, FILL, JOIN, STROKE, Layer  # noqa: E402
from tensorreel.film.draw.outlines import CALLS  # noqa: E402
from tensorreel.film.draw.painter import Painter  # noqa: E402
from tensorreel.film.draw.tiles import Tiles  # noqa: E402
from tensorreel.film.draw.yuv_frame import WEIGHTS, KeptFrame  # noqa: E402

pytestmark = pytest.mark.skipif(native.kernel is None or CALLS is None, reason="no kernel was built here")
SIZE, WIDTH, HEIGHT = 16, 160, 96
Call = tuple[str, list[Any]]
NAN, FAR = float("nan"), float("inf")


class Room:
    """A picture with a circle, a square and a line, and the arguments of every function of the kernel for it."""

    def __init__(self) -> None:
        self.camera = Camera(pixel_width=WIDTH, pixel_height=HEIGHT)
        self.painter = Painter(self.camera)
        self.tiles = Tiles(WIDTH, HEIGHT, SIZE)
        self.tiles.fill()
        mobs = [Circle(fill_opacity=1), Square(stroke_width=4), Circle(radius=0.3, fill_opacity=0.5)]
        self.layer = Layer(mobs, self.painter.view)
        self.frame = KeptFrame(WIDTH, HEIGHT)
        self.picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)

    def calls(self) -> list[Call]:
        """Good arguments, copied, so that they can be spoiled."""
        la, grid, view = self.layer, self.tiles.grid.copy(), self.painter.view.numbers
        points, offsets, styles, boxes = (x.copy() for x in (la.points, la.offsets, la.styles, la.boxes))
        flags = np.ones(len(la.mobs), bool)
        held = [points, offsets, styles, boxes, view]
        assert native.kernel is not None
        covers = native.kernel.covers(CALLS, len(la.mobs))
        return [
            ("gather", [la.mobs, _JOINS, _CAPS, offsets, points, styles]),
            ("compare", [offsets, points, points + 0.1, flags, view]),
            ("boxes", held),
            ("mark", [grid, SIZE, flags, *held]),
            ("copy", [self.picture, self.picture + 1, grid, SIZE]),
            ("covers", [CALLS, 3]),
            ("paint", [self.painter._easel, covers, flags, grid, SIZE, 0, len(la.mobs), *held]),
            ("convert", [self.picture, *self.frame.planes, grid, SIZE, WEIGHTS, self.frame.changed]),
        ]


def called(call: Call) -> str:
    """The exception that a call ends with, if any: never the end of the process."""
    name, args = call
    try:
        getattr(native.kernel, name)(*args)
    except (ValueError, TypeError, OverflowError, BufferError) as err:
        return type(err).__name__
    return ""


def refused(call: Call) -> None:
    assert called(call) == "ValueError", call[0]


def taken(call: Call) -> None:
    assert called(call) == "", call[0]


def surviving(work: Callable[[], Any]) -> None:
    """Do it in a process of its own, and see that this one is not ended by a signal."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as err:
            os.write(2, repr(err).encode())
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def at(name: str, k: int, how: Callable[[Any], Any]) -> Callable[[Room], Call]:
    """The call of a function in which argument k was spoiled."""

    def spoiled(room: Room) -> Call:
        (args,) = (args for found, args in room.calls() if found == name)
        args[k] = how(args[k])
        return name, args

    return spoiled


def other(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def put(place: Any, value: Any) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array = array.copy()
        array[place] = value
        return array

    return change


OFFSETS = {"gather": 3, "compare": 0, "boxes": 1, "mark": 4, "paint": 8}
SIZES = {"mark": 1, "copy": 3, "paint": 4, "convert": 5}


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    before = config["frame_rate"]
    yield Room()
    config["frame_rate"] = before


def test_what_is_right_is_taken(room: Room) -> None:
    calls = room.calls()
    assert [called(call) for call in calls] == [""] * len(calls)
    assert {name for name, _ in calls} == {n for n in dir(native.kernel) if not n.startswith("_")}


UNCUT: list[Callable[[Any], Any]] = [
    *(put(place, value) for place, value in ((1, 10**9), (1, -4), (0, -8), (2, 0), (0, 4), (-1, 10**12))),
    *(lambda o, kind=kind: o.astype(kind) for kind in ("f8", "u8", "i4", ">i8")),
    lambda o: o[:-1],
    lambda o: np.repeat(o, 2)[::2],
    lambda o: o[None],
]


@pytest.mark.parametrize("name", OFFSETS)
def test_offsets_that_cut_no_points_are_refused(name: str, room: Room) -> None:
    for offsets in UNCUT:
        surviving(partial(refused, at(name, OFFSETS[name], offsets)(room)))


@pytest.mark.parametrize("name", SIZES)
def test_tiles_of_no_size_are_refused(name: str, room: Room) -> None:
    for size in (0, -1, -(2**31)):
        surviving(partial(refused, at(name, SIZES[name], other(size))(room)))


@pytest.mark.parametrize(("name", "k"), [("mark", 6), ("paint", 10)])
def test_a_box_of_no_numbers_is_refused(name: str, k: int, room: Room) -> None:
    for side in range(4):
        surviving(partial(refused, at(name, k, put((-1, side), NAN))(room)))


@pytest.mark.parametrize(("name", "k"), [("boxes", 2), ("mark", 5), ("paint", 9)])
@pytest.mark.parametrize("column", [JOIN, CAP])
def test_a_line_that_cairo_cannot_end_is_refused(name: str, k: int, column: int, room: Room) -> None:
    for value in (NAN, -1.0, 3.0, 1e300):
        surviving(partial(refused, at(name, k, put((-1, column), value))(room)))


def test_a_cover_of_another_box_is_made_anew(room: Room) -> None:
    """It has fewer rows than the box: what lies behind them is nobody's."""
    (args,) = (args for name, args in room.calls() if name == "paint")
    easel, moved, styles, sheet = args[0], args[2], args[9], args[0][-1]
    moved[:], styles[:, STROKE], styles[:, FILL] = False, 0, 0.5

    def painted(covers: Any, size: float) -> bytes:
        points, boxes = args[7] * size, args[10].copy()
        native.kernel.boxes(points, *args[8:10], boxes, args[11])
        sheet[:] = 0
        native.kernel.paint(easel, covers, moved, *args[3:7], points, *args[8:10], boxes, args[11])
        return bytes(sheet.tobytes())

    fresh = painted(native.kernel.covers(CALLS, len(moved)), 1.0)
    assert painted(args[1], 0.2) != fresh
    assert painted(args[1], 1.0) == fresh


@pytest.mark.parametrize(("name", "k"), [("mark", 6), ("paint", 10)])
@pytest.mark.parametrize("value", [FAR, -FAR, 1e300, -1e300])
def test_a_box_that_is_nowhere_is_no_crash(name: str, k: int, value: float, room: Room) -> None:
    for side in range(4):
        surviving(partial(taken, at(name, k, put((slice(None), side), value))(room)))


@pytest.mark.parametrize(("name", "k"), [("compare", 1), ("boxes", 0), ("mark", 3)])
def test_points_that_are_nowhere_are_no_crash(name: str, k: int, room: Room) -> None:
    for value in (NAN, FAR, 1e300):
        surviving(partial(taken, at(name, k, put((3, 0), value))(room)))


def test_objects_before_the_first_are_refused(room: Room) -> None:
    surviving(lambda: refused(at("paint", 5, other(-1000))(room)))


def test_an_attribute_that_goes_while_it_is_read(room: Room) -> None:
    class Width:
        def __float__(self) -> float:
            for name in ("background_stroke_width", "joint_type", "cap_style", "points"):
                mob.__dict__.pop(name, None)
            return 1.0

    mob = Square()
    layer = Layer([mob], room.painter.view)
    mob.stroke_width = Width()
    arrays = layer.offsets, layer.points, layer.styles
    surviving(lambda: native.kernel.gather([mob], _JOINS, _CAPS, *arrays))


# ---- at random ----------------------------------------------------------------------------------------------
def spoilt(value: Any, rng: np.random.Generator) -> Any:
    """Something like it that is wrong in one way, or only strange."""
    if isinstance(value, int):
        return int(rng.choice([-(2**40), -1, 0, 1, 3, 7, 1000, 2**31 - 1, 2**40]))
    if not isinstance(value, np.ndarray):
        return rng.choice(np.array([None, 3, "x", b"", ()], dtype=object))
    kind = int(rng.integers(8))
    if kind == 0:
        return value[: int(rng.integers(len(value) + 1))]
    if kind == 1:
        return value[::-1] if rng.random() < 0.5 else value.T
    if kind == 2:
        return value.astype(rng.choice(["f4", "f8", "i4", "i8", "u1", "?", ">f8", ">i8", "c16"]))
    if kind == 3:
        return value.reshape(-1)
    if kind == 4:
        return np.empty((0, *value.shape[1:]), value.dtype)
    array = value.copy()
    flat = array.reshape(-1)
    for _ in range(int(rng.integers(1, 4))):
        odd = [NAN, FAR, -FAR, 1e300, -1e18, 2.5, -3.0, 0.0]
        whole = [0, 1, -1, 4, 8, 10**6, -(10**6), 2**62]
        choice = odd if array.dtype.kind == "f" else whole
        flat[int(rng.integers(flat.size))] = np.array(rng.choice(choice)).astype(array.dtype)
    return array


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("seed", range(8))
def test_whatever_it_is_given_it_goes_on(seed: int, room: Room) -> None:
    """200 calls with one or two wrong arguments each; addresses of cairo's own are left alone."""
    rng = np.random.default_rng(seed)

    def work() -> None:
        for _ in range(25):
            for name, args in room.calls():
                free = [
                    k for k, a in enumerate(args) if a is not CALLS and k > (1 if name == "paint" else -1)
                ]
                for k in rng.choice(
                    free, size=min(len(free), int(rng.integers(1, 3))), replace=False
                ).tolist():
                    args[k] = spoilt(args[k], rng)
                called((name, args))

    surviving(work)
