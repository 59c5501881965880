"""A short lecture for the tests of decks: two toy clips of stages, tiny, with the trace of a model."""

from __future__ import annotations

import atexit
import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tensorreel import scenes
from tensorreel.core.engine import forward
from tensorreel.core.errors import EnvironmentProblem
from tensorreel.core.model import Model
from tensorreel.film.draw import manim_setup
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.run.production import RunOptions
from tensorreel.models import tiny_model
from tensorreel.publish.deck.lecture import Lecture
from tensorreel.publish.deck.making import DeckRequest, make_deck
from tensorreel.visuals.lettering.fonts import shape
from tensorreel.visuals.look.options import SceneOptions

manim_setup.import_manim()

from manim import RIGHT, UP, Circle, FadeIn, Square  # noqa: E402

from tensorreel.visuals.stage.scene import StageScene  # noqa: E402
from tests.saying import both  # noqa: E402

ROOT = Path(__file__).parents[1]
PICTURE = Picture(320, 180, 10)
HOSTILE = ("</script><b>", "#panic()", "$x$ & \"'", "_a_ *b*", "の", "]]>", "../..", "\\n")
# What XML cannot hold, what turns lines round, marks without a letter, tags of subtitles, a joiner, a long word.
ODD = (
    "</s>",
    "\x07&\x1b[31m",
    "\u202e<&>\"'",
    "\u0301",
    "]]>\x0b",
    "{\\an8}" + "x" * 900,
    "<s>",
    "a\u200db",
)


class Toy(StageScene):
    """Three beats, of which the second goes round, and the way out."""

    budget = 3.0
    loops = ("two",)

    def storyboard(self) -> None:
        """A square comes, a circle comes, both go up."""
        square, circle = Square(fill_opacity=1), Circle(fill_opacity=1)
        with self.beat("one", both("One & two", "一と二")):
            self.play(FadeIn(square), run_time=0.4)
        with self.beat("two", both("Two < three", "二は三より小さい")):
            self.play(square.animate.shift(RIGHT), FadeIn(circle), run_time=0.4)
        with self.beat("three", both("Three", "三")):
            self.play(square.animate.shift(UP), run_time=0.4)
        self.leave(circle, run_time=0.4)


class Query(Toy):
    """A toy in the place of stage 3."""

    stage = "query"


class Weights(Toy):
    """A toy in the place of stage 7."""

    stage = "attn_weights"


MARKED = "*a* _b_ #c $d$ @e <f> `g` \\h --- 'i' ~j /k/ [l] & 1. - = +"


class Marked(StageScene):
    """One beat, whose caption is full of what is markup elsewhere."""

    stage = "query"

    def storyboard(self) -> None:
        """A square comes."""
        with self.beat("one", both(MARKED, MARKED)):
            self.play(FadeIn(Square(fill_opacity=1)), run_time=0.4)


TOYS: dict[str, type[StageScene]] = {"opening": Toy, "query": Query, "attn_weights": Weights}


def use_toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the toys be found in place of the real scenes."""
    monkeypatch.setattr(scenes, "find", lambda name, *_: TOYS[name])


def model_with(words: Sequence[str]) -> Model:
    """The tiny model with other words."""
    return replace(tiny_model(), words=tuple(words), glosses=(), readings=())


def need_fonts(*words: str) -> None:
    """Skip a test on a machine where no font has some words."""
    try:
        for word in words:
            shape(word)
    except EnvironmentProblem as err:
        pytest.skip(str(err))


@lru_cache(maxsize=1)
def _kept() -> Path:
    """One cache for all tests of a process: toys are drawn once."""
    folder = tempfile.TemporaryDirectory(prefix="tensorreel-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def build(output: Path, form: Any, names: Sequence[str] = tuple(TOYS), **wish: Any) -> Lecture:
    """A deck of the toys at ``output``; ``lang``, ``theme`` and ``words`` are not the deck's but the clips'."""
    look = {key: wish.pop(key) for key in ("lang", "theme") if key in wish}
    wish.setdefault("second", "ja" if look.get("lang", "en") == "en" else "en")
    orders = RunOptions(1, wish.pop("cache", _kept()))
    model = model_with(wish.pop("words")) if "words" in wish else tiny_model()
    model = replace(model, **{key: wish.pop(key) for key in ("glosses", "tokens") if key in wish})
    like = Job("", forward(model, model.tokens), SceneOptions(**look), PICTURE, "mp4", Path())
    return make_deck([replace(like, scene=name) for name in names], DeckRequest(form, output, **wish), orders)


def parts_of(package: Path) -> dict[str, bytes]:
    """The files in an Office package, by name."""
    with zipfile.ZipFile(io.BytesIO(package.read_bytes())) as file:
        return {name: file.read(name) for name in file.namelist()}
