"""The fast renderer's frames are stock Manim's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel.film.draw import manim_setup
from tensorreel.film.job.picture import Picture

manim_setup.import_manim()

from manim import (  # noqa: E402
    BLUE,
    DEGREES,
    DOWN,
    GREEN,
    LEFT,
    ORIGIN,
    PI,
    RED,
    RIGHT,
    UP,
    WHITE,
    YELLOW,
    AnimationGroup,
    Arrow,
    Circle,
    Create,
    DashedLine,
    Dot,
    FadeIn,
    FadeOut,
    FadeToColor,
    GrowFromCenter,
    Indicate,
    LaggedStart,
    Line,
    ManimColor,
    MoveAlongPath,
    ReplacementTransform,
    Rotate,
    Scene,
    Square,
    Star,
    Succession,
    Transform,
    TransformFromCopy,
    Triangle,
    Uncreate,
    ValueTracker,
    VGroup,
    Write,
    always_redraw,
)

from benchmarks.run import STAGES  # noqa: E402
from tensorreel.film.draw import native  # noqa: E402
from tensorreel.film.draw.tiles import Tiles  # noqa: E402
from tensorreel.film.draw.yuv_frame import KeptFrame, planes  # noqa: E402
from tensorreel.film.job.picture import QUALITIES  # noqa: E402
from tests.frames import SHARE, Reel, compared, played_by_stock, played_by_us  # noqa: E402

PICTURE = Picture(640, 360, 10)
STORIES: dict[str, Callable[[Scene], None]] = {}


def story(fn: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """Register a toy storyboard."""
    STORIES[fn.__name__] = fn
    return fn


def shapes() -> VGroup:
    """Filled, stroked, translucent and sharp-cornered things."""
    return VGroup(
        Square(1.2, color=BLUE, fill_opacity=0.5),
        Circle(0.7, color=RED, fill_opacity=1, stroke_width=0),
        Triangle(color=GREEN, stroke_width=6).scale(0.7),
        Star(color=YELLOW, fill_opacity=0.3, stroke_width=3),
    ).arrange(RIGHT)


@story
def fades(scene: Scene) -> None:
    group = shapes()
    scene.play(FadeIn(group, shift=UP), run_time=0.5)
    scene.wait(0.5)
    scene.play(FadeOut(group[0]), FadeToColor(group[1], WHITE), run_time=0.5)
    scene.play(FadeOut(group[1:], scale=0.2), run_time=0.5)


@story
def transforms(scene: Scene) -> None:
    a, b, c, d = shapes()
    scene.add(a)
    scene.play(Transform(a, b), run_time=0.5)
    scene.play(ReplacementTransform(a, c, path_arc=90 * DEGREES), run_time=0.5)
    scene.play(TransformFromCopy(c, d), run_time=0.5)
    scene.play(Transform(VGroup(c, d), shapes().shift(DOWN), lag_ratio=0.3), run_time=0.5)


@story
def paths(scene: Scene) -> None:
    dot, circle = Dot(color=YELLOW), Circle(2)
    scene.add(circle, dot)
    scene.play(MoveAlongPath(dot, circle), run_time=0.6)
    scene.play(Rotate(circle, PI / 3), run_time=0.4)
    arrow = Arrow(LEFT * 2, RIGHT * 2, color=RED)
    scene.play(GrowFromCenter(arrow), Rotate(arrow, PI / 4, about_point=ORIGIN), run_time=0.5)


@story
def creation(scene: Scene) -> None:
    group = VGroup(shapes(), DashedLine(LEFT * 3, RIGHT * 3).shift(DOWN))
    scene.play(Create(group), run_time=0.8)
    scene.play(Write(Star().shift(UP * 2)), run_time=0.6)
    scene.play(Uncreate(group), run_time=0.5)


@story
def lagged(scene: Scene) -> None:
    group = shapes()
    scene.play(LaggedStart(*(FadeIn(m, shift=DOWN) for m in group), lag_ratio=0.4), run_time=0.9)
    scene.play(AnimationGroup(*(m.animate.shift(UP) for m in group), lag_ratio=0.2), run_time=0.6)
    scene.play(Succession(group[0].animate.shift(LEFT), group[1].animate.scale(2)), run_time=0.6)
    scene.play(Indicate(group), run_time=0.5)


@story
def updaters(scene: Scene) -> None:
    dot = Dot(LEFT * 3)
    label = Square(0.5).add_updater(lambda m: m.next_to(dot, UP))
    spin = Triangle().add_updater(lambda m, dt: m.rotate(dt))
    scene.add(dot, label, spin)
    scene.play(dot.animate.shift(RIGHT * 5), run_time=0.8)
    scene.wait(0.5)
    spin.clear_updaters()
    label.clear_updaters()
    scene.wait(0.5)


@story
def trackers(scene: Scene) -> None:
    x = ValueTracker(0.2)
    bar = always_redraw(lambda: Line(LEFT * 3, LEFT * 3 + RIGHT * x.get_value() * 5, stroke_width=20))
    dots = always_redraw(
        lambda: VGroup(*(Dot(RIGHT * i * 0.3 + DOWN) for i in range(int(x.get_value() * 10))))
    )
    scene.add(bar, dots, x)
    scene.play(x.animate.set_value(1), run_time=0.8)
    scene.play(x.animate.set_value(0.4), FadeIn(Square()), run_time=0.5)


@story
def layers(scene: Scene) -> None:
    a, b, c, d = (m.move_to(RIGHT * i * 0.4).set_fill(opacity=0.8) for i, m in enumerate(shapes()))
    scene.add(a, b, c, d)
    scene.play(a.animate.shift(RIGHT * 0.5), run_time=0.4)
    a.set_z_index(3)
    scene.play(b.animate.shift(UP * 0.2), run_time=0.4)
    scene.bring_to_back(d)
    scene.wait(0.3)
    b.set_z_index(5)
    scene.bring_to_front(c)
    scene.play(c.animate.set_opacity(0.3), run_time=0.4)


@story
def coming_and_going(scene: Scene) -> None:
    group = shapes()
    scene.add(group)
    scene.wait(0.2)
    scene.remove(group[1])
    scene.wait(0.2)
    scene.add(group[1].set_color(WHITE))
    group[0].shift(DOWN)
    scene.wait(0.2)
    group[2].set_stroke(width=12)
    scene.play(group[3].animate.set_fill(RED, 1), run_time=0.4)
    scene.clear()
    scene.wait(0.2)


@story
def special_ink(scene: Scene) -> None:
    gradient = Square(2, fill_opacity=1).set_fill([RED, BLUE]).shift(LEFT * 2)
    outlined = Circle(1, fill_opacity=1).set_stroke(WHITE, 12, background=True).shift(RIGHT * 2)
    scene.play(FadeIn(gradient), FadeIn(outlined), run_time=0.4)
    scene.play(gradient.animate.shift(UP), outlined.animate.set_stroke(RED, 4, background=True), run_time=0.5)


@story
def crowd(scene: Scene) -> None:
    many = VGroup(*(shapes().scale(0.2) for _ in range(12))).arrange_in_grid(4, 3)
    scene.add(many)
    scene.play(LaggedStart(*(m.animate.rotate(1) for m in many), lag_ratio=0.1), run_time=1)
    scene.play(many[0].animate.shift(UP), many[0][1].animate.scale(3), run_time=0.5)


@story
def kept(scene: Scene) -> None:
    """Small shapes of many curves that stay or fade while another passes over them."""
    colours = ("#E8C468", "#53B3CB", "#F15946", "#9BC53D", "#5D6BD1")
    stars = VGroup(*(Star(9, color=c, fill_opacity=1, stroke_width=0).scale(0.3) for c in colours * 5))
    stars.arrange_in_grid(5, 5)
    rings = VGroup(*(Circle(0.25, color=c).move_to(m) for m, c in zip(stars[::2], colours * 3, strict=False)))
    veil = Square(2, color=WHITE, fill_opacity=0.3).shift(LEFT * 2)
    scene.add(stars, rings, veil)
    scene.play(veil.animate.shift(RIGHT * 4), stars[::3].animate.set_opacity(0.4), run_time=0.6)
    scene.play(veil.animate.shift(LEFT * 3), stars[::3].animate.set_opacity(1), run_time=0.4)


class _Toy(Scene):
    tell: Callable[[Scene], None]
    see_through = False

    def construct(self) -> None:
        self.camera.background_color = ManimColor("#10141B")
        if self.see_through:
            self.camera.background_opacity = 0.0
            self.camera.init_background()
        type(self).tell(self)


def toy(name: str, clear: bool = False) -> Any:
    """A scene class that plays a story, on a clear ground if asked to."""
    return type("Toy", (_Toy,), {"tell": staticmethod(STORIES[name]), "see_through": clear})


@pytest.fixture(params=["kernel", "python"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """With the compiled kernel, where it was built, and without."""
    if request.param == "kernel":
        if native.kernel is None:
            pytest.skip("no kernel was built here")
        yield "kernel"
    else:
        with native.without():
            yield "python"


@pytest.mark.parametrize("name", STORIES)
def test_frames_equal_stock(name: str, way: str, tmp_path: Path) -> None:
    stock = played_by_stock(toy(name), PICTURE, tmp_path)
    likeness = compared(stock, played_by_us(toy(name), PICTURE, tmp_path).reel)
    assert likeness.same, likeness


@pytest.mark.parametrize("name", ["fades", "layers", "special_ink"])
def test_frames_on_a_clear_ground_equal_stock(name: str, way: str, tmp_path: Path) -> None:
    """Opacity is a channel like the others."""
    stock = played_by_stock(toy(name, clear=True), PICTURE, tmp_path)
    ours = played_by_us(toy(name, clear=True), PICTURE, tmp_path).reel
    assert {0} < {int(a) for frame in ours for a in np.unique(frame[..., 3])}
    likeness = compared(stock, ours)
    assert likeness.same, likeness


@pytest.mark.skipif(native.kernel is None, reason="no kernel was built here")
@pytest.mark.parametrize("name", ["layers", "creation", "special_ink", "trackers", "kept"])
def test_kernel_and_python_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Every raw frame, the converted frame, and the macroblocks marked as changed."""
    quick = played_by_us(toy(name), PICTURE, tmp_path)
    with native.without():
        plain = played_by_us(toy(name), PICTURE, tmp_path)
    assert compared(quick.reel, plain.reel).greatest == 0
    for a, b in zip(
        (*quick.yuv.planes, quick.yuv.changed), (*plain.yuv.planes, plain.yuv.changed), strict=True
    ):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("name", ["lagged", "transforms", "crowd"])
def test_patched_yuv_equals_a_whole_conversion(name: str, tmp_path: Path) -> None:
    ours = played_by_us(toy(name), PICTURE, tmp_path)
    whole, tiles = (
        KeptFrame(PICTURE.width, PICTURE.height),
        Tiles(PICTURE.width, PICTURE.height, PICTURE.tile),
    )
    tiles.fill()
    *_, last = ours.reel
    whole.patch(last, tiles)
    for patched, fresh in zip(ours.yuv.planes, planes(whole.frame), strict=True):
        assert np.array_equal(patched, fresh)


def test_a_mistake_in_the_picture_is_seen(tmp_path: Path) -> None:
    """The comparison has teeth: one small square in one frame, and a frame too few."""
    reel = played_by_us(toy("fades"), PICTURE, tmp_path).reel
    wrong, short = Reel(), Reel()
    for i, frame in enumerate(reel):
        if i:
            short.add(frame)
        if i == 3:
            frame[100:104, 100:104] ^= 16  # 16 px of 230400: within the share, but a thing
        wrong.add(frame)
        if i == 3:
            frame[100:104, 100:104] ^= 16
    likeness = compared(reel, wrong)
    assert not likeness.same
    assert likeness.share < SHARE
    with pytest.raises(ValueError, match="shorter"):
        compared(reel, short)


# ---- real stages ------------------------------------------------------------------------------------
SMALL, LARGE = QUALITIES["l"], QUALITIES["h"]


def stage_scene(name: str) -> Any:
    from tensorreel import scenes

    return scenes.find(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "picture"), [*((name, SMALL) for name in STAGES), ("concat", LARGE)], ids=str
)
def test_stages_equal_stock(name: str, picture: Picture, tmp_path: Path) -> None:
    """The stages of the benchmark, from their first frame to their last; the compiled kernel where there is one."""
    stock = played_by_stock(stage_scene(name), picture, tmp_path)
    likeness = compared(stock, played_by_us(stage_scene(name), picture, tmp_path).reel)
    print(name, likeness)
    assert likeness.same, likeness
