"""One take: how the picture that a scene leaves standing goes over into the scene behind it.

What both scenes show glides from its old place to its new one, what has done its part goes home to its station, the
header and the light of the map change in place, and all else fades. Nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, Group, Mobject, VGroup, VMobject, smooth
from manim.utils.rate_functions import squish_rate_func

from tensorreel.visuals.layout.room import edges
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look import shapes
from tensorreel.visuals.matrix.grid import TensorGrid

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Pair = tuple[VMobject, VMobject]  # a part of the new picture, and the same in the old one
HAND_OVER, ALONE = 1.2, 0.7  # seconds, with first motions of the new stage and without
EARLY = squish_rate_func(smooth, 0.0, 0.4)  # what goes has gone
GLIDE = squish_rate_func(smooth, 0.15, 0.8)  # before what stays has arrived,
HOME = squish_rate_func(smooth, 0.15, 0.75)  # what goes home flies over what is faint,
LATE = squish_rate_func(smooth, 0.55, 1.0)  # and what is new comes last
ENTRY, BESIDE = (
    0.4,
    0.6,
)  # shares of the time from which on the new stage moves, on its own or beside what stays
LEG = 0.65  # share of the way home that goes up, over what is faint; and that goes along
BEAD = 0.085  # radius of the light on its way
SEEN = 0.03  # opacity from which a part can be seen


class Glide(Animation):
    """A new picture comes about: parts that the old one has too go from there to their places, the others fade in.

    ``pairs`` give for a part of ``mobject`` where it stood, with as many points; its colours go over as well.
    """

    def __init__(self, mobject: VMobject, pairs: Sequence[Pair], **kwargs: Any) -> None:
        self.pairs = list(pairs)
        super().__init__(mobject, introducer=True, **{"rate_func": GLIDE, **kwargs})

    def begin(self) -> None:
        """Take both ends of every way."""
        self.ways = [(part, _state(was), _state(part)) for part, was in self.pairs]
        known = {id(part) for part, _ in self.pairs}
        fresh = [m for m in self.mobject.get_family() if len(m.points) and id(m) not in known]
        self.fresh = [(part, _state(part)) for part in fresh]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Outlines and colours at their share of the way; the opacity of what is new."""
        way, come = self.rate_func(alpha), LATE(alpha)
        for part, was, will in self.ways:
            _set(part, [(1 - way) * a + way * b for a, b in zip(was, will, strict=True)])
        for part, will in self.fresh:
            points, fill, line, width = will
            _set(part, [points, _faint(fill, come), _faint(line, come), width])


def _state(part: VMobject) -> list[Any]:
    return [part.points.copy(), part.fill_rgbas.copy(), part.stroke_rgbas.copy(), part.stroke_width]


def _set(part: VMobject, state: Sequence[Any]) -> None:
    part.points, part.fill_rgbas, part.stroke_rgbas, part.stroke_width = state


def _faint(rgbas: Any, share: float) -> Any:
    return rgbas * np.array([1.0, 1.0, 1.0, share])


def _seen(part: VMobject) -> bool:
    """Whether it can be seen, filled or outlined."""
    line = part.stroke_rgbas if part.stroke_width else ()
    return any(float(rgbas[0, 3]) > SEEN for rgbas in map(np.asarray, (part.fill_rgbas, line)) if len(rgbas))


class Become(Glide):
    """A word in one type turns into the same word in another, on its way: one goes while the other comes.

    ``old`` is what stands, ``new`` what is left.
    """

    def __init__(self, old: VMobject, new: VMobject, **kwargs: Any) -> None:
        self.old, self.new = old, new
        super().__init__(Group(old, new), [], **kwargs)

    def begin(self) -> None:
        """Each has its own outline at both ends."""
        a, b = self.old.copy(), self.new.copy()
        for copy, at in ((a, self.new), (b, self.old)):
            copy.scale(at.height / copy.height).move_to(at)
        self.both = [(self.old, _state(self.old), _state(a)), (self.new, _state(b), _state(self.new))]
        Animation.begin(self)

    def interpolate_mobject(self, alpha: float) -> None:
        """Both on their way, and how much of each is seen."""
        way = self.rate_func(alpha)
        for (part, was, will), share in zip(self.both, (1 - way, way), strict=True):
            points, fill, line, width = ((1 - way) * p + way * q for p, q in zip(was, will, strict=True))
            _set(part, [points, _faint(fill, share), _faint(line, share), width])

    def clean_up_from_scene(self, scene: Any) -> None:
        """Only the new one is left."""
        super().clean_up_from_scene(scene)
        scene.remove(self.mobject)
        scene.add(self.new)


class Home(Animation):
    """What is done goes home to its station: up first, over what is faint, then along; it shrinks and fades on its way."""

    def __init__(self, mobject: Mobject, station: Any, **kwargs: Any) -> None:
        self.station = station
        super().__init__(mobject, **kwargs)

    def begin(self) -> None:
        """Where everything starts."""
        self.parts = [(m, _state(m)) for m in self.mobject.get_family() if len(m.points)]
        self.middle = self.mobject.get_center()
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """All parts around one middle."""
        a = self.rate_func(alpha)
        along, up = smooth(max(0.0, 1.0 - (1.0 - a) / LEG)), smooth(min(1.0, a / LEG))
        middle = self.middle + (self.station - self.middle) * np.array([along, up, 0.0])
        for part, (points, fill, line, width) in self.parts:
            around = (points - self.middle) * (1.0 - 0.95 * min(1.0, a / 0.9))
            _set(part, [middle + around, _faint(fill, 1.0 - a), _faint(line, 1.0 - a), width])


def at_once(motions: Iterable[Animation]) -> list[Mobject]:
    """Have motions of what is not on the stage yet be over before it comes; returns what they bring in."""
    motions = list(motions)
    for motion in motions:
        motion.begin()
        motion.finish()
    return [m.mobject for m in motions if isinstance(m, FadeIn)]


class HandOver:
    """Gives what the scene ``before`` has left standing over to a scene, with its first motion.

    What the stage takes in but does not show at once stays where it is until it is shown, at most for the first beat.
    ``coming`` are things of the header that come with it.
    """

    def __init__(self, into: StageScene, before: StageScene) -> None:
        self.into, self.before, self.begun = into, before, False
        self.coming: list[Mobject] = []
        self.old = list(before.mobjects)
        self._taken, self._gone_over = (
            set[int](),
            set[int](),
        )  # parts, and matrices, that go on in the new picture
        found = (m for top in (*self.old, *before.outputs) for m in top.get_family())
        self.grids = list(dict.fromkeys(m for m in found if isinstance(m, TensorGrid)))
        into.add(*self.old)
        into.notice("over", self.old)

    def with_motions(self, motions: Sequence[Animation], run_time: float) -> list[Animation]:
        """The motions of a play that are left to be played, in which what comes over glides instead of entering."""
        gliding, rest = list[Animation](), list[Animation]()
        for motion in motions:
            glides = self._glides(motion)
            gliding += glides
            rest += [] if glides else [motion]
        if self.begun:
            return [*gliding, *rest]
        self.begun = True
        if self._moves_furniture(rest):
            self._over(gliding, ALONE)
            return rest
        late = BESIDE if gliding or self._awaited() else ENTRY
        self._over([*gliding, *(_later(m, late) for m in rest)], max(HAND_OVER, run_time))
        return []

    def end(self) -> list[Animation]:
        """Motions: what has stayed and was not shown fades."""
        there = _ids(self.into.mobjects)
        return [FadeOut(m) for m in self.old if _ids([m]) & there]

    # ---- what is the same ---------------------------------------------------------------------------
    def _glides(self, motion: Animation) -> list[Animation]:
        """Instead of a motion that brings in what stands already: its way from there."""
        if isinstance(motion, AnimationGroup):
            found = [(m, self._glides(m)) for m in motion.animations]
            return [g for m, glides in found for g in glides or [m]] if any(g for _, g in found) else []
        if type(motion) is not FadeIn:
            return []
        if isinstance(motion.mobject, Label):
            return self._word(motion.mobject)
        pairs = self._counterparts(motion)
        self._take(was for _, was in pairs)
        return [Glide(motion.mobject, pairs)] if pairs else []

    def _word(self, new: Label) -> list[Animation]:
        """A word of the sentence that stands already; the largest if it stands there more than once."""
        old = [m for top in self.old for m in top.get_family() if isinstance(m, Label) and m.text == new.text]
        if not old:
            return []
        word = max(old, key=lambda m: m.height)
        self._take([word])
        return [Become(word, new)]

    def _counterparts(self, motion: Animation) -> list[Pair]:
        """The parts of what a motion brings in that stand already."""
        there = _ids(self.old)
        new = [m for m in motion.mobject.get_family() if isinstance(m, TensorGrid)]
        pairs = list[Pair]()
        for grid in new:
            if (was := self._same(grid)) is not None:
                self._gone_over.add(id(was))
                pairs += parts_of_both(grid, was)
        return [(part, was) for part, was in pairs if id(was) in there and _seen(was)]

    def _same(self, grid: TensorGrid) -> TensorGrid | None:
        """The matrix of the old picture that holds the same numbers, rather of the same name; each goes over once."""
        left = [g for g in self.grids if id(g) not in self._gone_over]
        same = [g for g in left if np.array_equal(g.tensor.values, grid.tensor.values)]
        return min(same, key=lambda g: g.tensor.name != grid.tensor.name, default=None)

    def _awaited(self) -> list[TensorGrid]:
        """The matrices that the stage will take in, and that have not gone over."""
        scene = self.into
        heads = range(scene.trace.model.config.n_heads)
        at = [scene.trace.at(layer=scene.options.layer, head=k) for k in heads]
        given = [one[name].values for name in scene.given if name != "tokens" for one in at]
        left = [g for g in self.grids if id(g) not in self._gone_over]
        return [g for g in left if any(np.array_equal(g.tensor.values, v) for v in given)]

    def _moves_furniture(self, motions: Sequence[Animation]) -> bool:
        """Whether the stage begins with a motion of the map or the header themselves."""
        furniture = _ids([self.into.map, self.into.header])
        return any(
            _ids([m.mobject]) & furniture for a in motions for m in _leaves(a) if m.mobject is not None
        )

    # ---- the motions --------------------------------------------------------------------------------
    def _take(self, parts: Iterable[Mobject]) -> None:
        """Take parts of the old picture away, since they go on as parts of the new one."""
        self._taken |= {id(m) for m in parts}
        self.into.remove(*self.old)
        self.old = [_pruned(m, self._taken) for m in self.old if id(m) not in self._taken]
        self.into.add(*self.old)

    def _over(self, motions: list[Animation], run_time: float) -> None:
        """Play the hand-over."""
        scene, before = self.into, self.before
        furniture = [*self._furniture(scene.map, before.map), *self._furniture(scene.header, before.header)]
        furniture += [Glide(m, []) for m in (*scene.tag, *self.coming)]
        stay = [g for g in self._awaited() if not _covered(g, motions)]
        home = [g for g in before.outputs if not _ids([g]) & (_ids(stay) | self._gone_over)]
        apart = _ids([*stay, *home, *([before.caption] if before.caption else [])])
        there = _ids(self.old)
        stay, home = ([m for m in some if _ids([m]) & there] for some in (stay, home))
        scene.remove(*self.old)
        go = [_pruned(m, apart) for m in self.old if id(m) not in apart]
        go, stay, home = (
            [m for m in (_pruned(m, self._taken) for m in some) if _drawn(m)] for some in (go, stay, home)
        )
        scene.add(*stay, *go, *home, *([before.caption] if before.caption else []))
        self.old = list(stay)
        for mark in (part for m in go for part in m.get_family()):
            mark.anchor = None  # it goes with the whole picture
        leaving = [FadeOut(m, rate_func=EARLY if motions else smooth) for m in go]
        scene.play(
            *leaving, *map(self._homeward, home), *self._light(), *furniture, *motions, run_time=run_time
        )

    def _homeward(self, output: Mobject) -> Animation:
        """What is done goes home to its station."""
        info = self.before.info
        station = self.into.map.station(info.number) if info else shapes.at(0.0, 4.0)
        return Home(output, station, rate_func=HOME, remover=True)

    def _furniture(self, new: VMobject, old: VMobject) -> list[Animation]:
        """The map or the header in place of the one before."""
        pairs = [(a, b) for a, b in drawn_alike(new, old) if _seen(b)] if _ids([old]) & _ids(self.old) else []
        self._take(b for _, b in pairs)
        parts = VGroup(*(m for m in new.get_family() if len(m.points)))  # which light up one by one
        return [Glide(new if new is self.into.map else parts, pairs)] if _drawn(new) else []

    def _light(self) -> list[Animation]:
        """The light of the map on its way from station to station."""
        scene, to, was = self.into, self.into.info, self.before.info
        if to is None or was is None:
            return []
        beads = [shapes.dot(scene.theme.accent, BEAD).move_to(scene.map.station(s.number)) for s in (to, was)]
        return [Glide(beads[0], [(beads[0], beads[1])], remover=True)]


def _later(motion: Animation, start: float) -> Animation:
    """A motion of the new stage, played from a share of the time on."""
    return motion.set_rate_func(squish_rate_func(motion.rate_func, start, 1.0))


def _leaves(motion: Animation) -> Iterator[Animation]:
    if isinstance(motion, AnimationGroup):
        for m in motion.animations:
            yield from _leaves(m)
    else:
        yield motion


def _drawn(thing: Mobject) -> bool:
    return any(len(m.points) for m in thing.get_family())


def _ids(groups: Iterable[Mobject]) -> set[int]:
    return {id(m) for g in groups for m in g.get_family()}


def _covered(grid: TensorGrid, motions: Sequence[Animation]) -> bool:
    """Whether something that comes in would stand upon a matrix."""
    come = [m for a in motions for leaf in _leaves(a) for m in leaf.mobject.get_family()]
    return any(_share_room(grid.frame, m) for m in come if len(m.points))


def _share_room(a: VMobject, b: VMobject) -> bool:
    apart = np.abs(a.get_center() - b.get_center())[:2]
    return bool(2 * apart[0] < a.width + b.width and 2 * apart[1] < a.height + b.height)


def _pruned(mobject: Any, taken: set[int]) -> Any:
    """A thing without some of its parts."""
    mobject.submobjects = [_pruned(m, taken) for m in mobject.submobjects if id(m) not in taken]
    return mobject


def parts_of_both(new: TensorGrid, old: TensorGrid) -> Iterator[Pair]:
    """The parts that two pictures of one matrix have in common: cells and frame, and names and badge on the same side."""
    for i in (i for i in new.rows if i in old.rows):
        for j in (j for j in new.cols if j in old.cols):
            yield from drawn_alike(new.shade(i, j), old.shade(i, j))
            yield from drawn_alike(new.numeral(i, j), old.numeral(i, j))
    yield from drawn_alike(new.frame, old.frame)
    for part, was in _around(new, old):
        if _drawn(part) and _drawn(was) and _side(part, new) == _side(was, old):
            yield from drawn_alike(part, was)


def _around(new: TensorGrid, old: TensorGrid) -> Iterator[Pair]:
    """Names and badges of the same in both."""
    yield new.badge, old.badge
    for mine, theirs in (
        (zip(new.rows, new.row_names, strict=False), zip(old.rows, old.row_names, strict=False)),
        (zip(new.cols, new.col_names, strict=False), zip(old.cols, old.col_names, strict=False)),
    ):
        was = dict(theirs)
        yield from ((name, was[at]) for at, name in mine if at in was)


def _side(part: VMobject, grid: TensorGrid) -> tuple[int, ...]:
    """On which side of the cells a part stands: left or right, below or above; 0 where neither."""
    room, cells = edges(part), edges(grid.frame)
    across = (room.left > cells.x) - (room.right < cells.x)
    return across, (room.bottom > cells.y) - (room.top < cells.y)


def drawn_alike(new: VMobject, old: VMobject) -> Iterator[Pair]:
    """The parts of two things that are drawn alike, wherever they stand: same kind, same text, as many points."""
    if type(new) is not type(old) or getattr(new, "text", "") != getattr(old, "text", ""):
        return
    if len(new.points) and new.points.shape == old.points.shape and _coloured(new) == _coloured(old):
        yield new, old
    if len(new.submobjects) == len(old.submobjects):
        for a, b in zip(new.submobjects, old.submobjects, strict=True):
            yield from drawn_alike(a, b)


def _coloured(part: VMobject) -> tuple[Any, ...]:
    return part.fill_rgbas.shape, part.stroke_rgbas.shape
