"""What stays on every frame beside the map: the header with its formula, and the caption."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate

from budoux import (
    Parser,
    load_default_japanese_parser,
    load_default_simplified_chinese_parser,
    load_default_traditional_chinese_parser,
)
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.claim import Claim
from tensorreel.core.quantity import Count, Quantity, count, stage_number
from tensorreel.core.table import Stage
from tensorreel.core.variation import Variation
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import ELLIPSIS, Label, Numeral, Pen, Prose, Sign, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.frame import HEADER_Y
from tensorreel.words.languages import language
from tensorreel.words.text import Text
from tensorreel.words.visible_text import FSI, PDI

CAPTION_Y, CAPTION_PITCH = -3.16, 0.46
TAG_Y, TAG_SIZE = 2.84, 0.32  # its smallest letters are as tall as lint asks for


def on_one_line(formula: str) -> str:
    """A formula with its fraction written with a slash: the header has room for one line."""
    return re.sub(r"= \((.+)\) / ", r"= \1 slash ", formula)


class Header(VGroup):
    """A stage's number of how many, its title, and its formula at the right; symbols light up on demand."""

    def __init__(self, stage: Stage, stages: int, pen: Pen, symbols: Mapping[str, str]) -> None:
        super().__init__()
        look = pen.theme
        number = Numeral(
            stage_number(stage), pen, decimals=0, size=theme.SIZE_TITLE, color=look.accent, bold=True
        )
        slash = Sign("/", pen, size=theme.SIZE_TITLE * 0.8, color=look.dim)
        of = Numeral(
            count(stages, Count.STAGES), pen, decimals=0, size=theme.SIZE_TITLE * 0.8, color=look.dim
        )
        title = Label(stage.title.of(pen.lang), pen, size=theme.SIZE_TITLE, bold=True)
        x = write((number, slash, of, title), CONTENT.left, HEADER_Y, (0.04, 0.04, 0.25))
        self.formula = Formula(on_one_line(stage.formula), pen, size=0.5, symbols=symbols)
        room = CONTENT.right - 0.1 - (x + 0.4)
        if self.formula.width > room:  # long formulas stay clear of the title
            size = 0.5 * room / self.formula.width
            self.formula = Formula(on_one_line(stage.formula), pen, size=size, symbols=symbols)
        stand(self.formula, right=CONTENT.right - 0.1, up=HEADER_Y)
        self.gap = (x + 0.3, edges(self.formula).left - 0.55)  # free between title and formula
        self.under = VGroup()
        self.add(number, slash, of, title, self.formula, self.under)
        self.theme = look

    def light(self, names: Sequence[str]) -> list[Animation]:
        """Motions that light the named symbols of the formula (colour and underline) and put out the others.

        The underlines from before, ``under``, fade; they are no longer part of the header.
        """
        lit, dark = self.theme.accent, self.theme.ink
        parts = {name: self.formula.part(name) for name in sorted(self.formula.names())}
        turns = [
            part.animate.set_color(lit if name in names else dark).build() for name, part in parts.items()
        ]
        if len(self.under):
            turns.append(FadeOut(self.under))
        self.under = VGroup(*(self._bar(parts[name]) for name in names if name in parts))
        return [*turns, FadeIn(self.under)] if len(self.under) else turns

    def lit(self, names: Sequence[str]) -> None:
        """The named symbols are lit, at once."""
        parts = {name: self.formula.part(name) for name in names if name in self.formula.names()}
        self.remove(self.under)
        self.under = VGroup(*(self._bar(part.set_color(self.theme.accent)) for part in parts.values()))
        self.add(self.under)

    def _bar(self, part: VGroup) -> VMobject:
        """A bar under a symbol."""
        room = edges(part)
        top = room.bottom - 0.07
        corners = (room.left, top), (room.right, top), (room.right, top - 0.04), (room.left, top - 0.04)
        return shapes.filled(shapes.polyline(*corners, closed=True), self.theme.accent)


class Tag(Prose):
    """What was changed about the model, at the right between map and header; ``left`` is where the loop ends.

    Of several changes that have no room the ``first`` one is named, as briefly as has to be. No number is cut.
    """

    def __init__(self, said: Text, first: Variation, pen: Pen, left: float) -> None:
        right = CONTENT.right - 0.1
        self.said = said.of(pen.lang)
        brief = [way if isinstance(way, str) else way.of(pen.lang) for way in (first.told, *first.brief)]
        more = "" if said == first.told else ELLIPSIS
        ways = [self.said, *(way + more for way in brief), brief[-1] + ELLIPSIS]
        fitting = (way for way in ways if pen.width(way, TAG_SIZE, prose=True) <= right - left)
        room = right - left - pen.width(more, TAG_SIZE, prose=True)
        short = next(fitting, None) or shortened(brief[-1], pen, TAG_SIZE, room) + more
        super().__init__(short, pen, size=TAG_SIZE, color=pen.theme.accent)
        stand(self, right=right, up=TAG_Y)


class Caption(VGroup):
    """One or two short centred lines at the foot of the frame.

    ``claims`` are the quantities whose printed digits stand in the text, ``facts`` what it states about numbers;
    ``english`` is the sentence as it stands in the code.
    """

    def __init__(
        self,
        text: str,
        pen: Pen,
        claims: Sequence[tuple[Quantity, str]] = (),
        facts: Sequence[Claim] = (),
        english: str = "",
    ) -> None:
        super().__init__()
        self.text, self.claims, self.facts, self.english = text, tuple(claims), tuple(facts), english
        lines = wrapped(text, pen, theme.SIZE_CAPTION, CONTENT.width - 0.2)
        first = CAPTION_Y if len(lines) > 1 else CAPTION_Y - CAPTION_PITCH / 2
        for k, line in enumerate(lines):
            label = Prose(line, pen, size=theme.SIZE_CAPTION)
            self.add(label.sit(0, first - k * CAPTION_PITCH, "center"))


def wrapped(text: str, pen: Pen, size: float, width: float) -> list[str]:
    """Break a caption into at most two lines of similar length that fit ``width``.

    Raises ``ValueError`` when it does not fit two lines: captions are short.
    """
    if pen.width(text, size, prose=True) <= width:
        return [text]

    def wide(part: str) -> float:
        return pen.width(part.strip(), size, prose=True)

    cuts = [k for k in range(1, len(text)) if _may_break(text, k, pen.lang)]
    fits = [k for k in cuts if max(wide(text[:k]), wide(text[k:])) <= width]
    if not fits:
        raise ValueError(f"caption does not fit two lines: {text!r}")
    best = min(fits, key=lambda k: abs(wide(text[:k]) - wide(text[k:])) - _liking(text, k, pen.lang))
    return [text[:best].strip(), text[best:].strip()]


_NO_START = "、。，．」』）)]｝・：；！？ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:!?%”’…"
_NO_END = "「『（([｛“‘"
_HIRAGANA = re.compile("[\u3041-\u309f]")
_CURLY = "“”‘’…"  # as wide as the characters around them where there are no spaces


def _may_break(text: str, k: int, lang: str) -> bool:
    """Whether a line may end before character k: at a space, or between Chinese or Japanese characters (kinsoku kept);
    not within a word that is isolated, nor within a Korean one."""
    if text.count(FSI, 0, k) > text.count(PDI, 0, k):
        return False
    before, after = text[k - 1], text[k]
    if before == " ":
        return True
    if language(lang).breaks_at_spaces:
        return False
    return (
        _is_wide(before, lang) and _is_wide(after, lang) and after not in _NO_START and before not in _NO_END
    )


def _is_wide(char: str, lang: str) -> bool:
    return ord(char) > 0x2E80 or (char in _CURLY and language(lang).unspaced)


def _liking(text: str, k: int, lang: str) -> float:
    """How much better a break reads than another one, in frame units of balance: behind a comma, a stop or a colon;
    where a phrase begins, which is mostly not with hiragana; and neither within a quotation nor before a bracket, which
    belongs to what stands before it."""
    if text[:k].rstrip()[-1:] in "、。,.;:，．：；":
        return 4.0
    quoted = text.count("「", 0, k) > text.count("」", 0, k)
    if text[k] == "（":
        return -1.5
    phrase = 2.5 if k in _phrases(text, lang) else -1.0 if _HIRAGANA.match(text[k]) else 0.0
    return phrase - (1.5 if quoted else 0.0)


@lru_cache(maxsize=64)
def _phrases(text: str, lang: str) -> frozenset[int]:
    """Where phrases of a text begin that has no spaces between its words, as BudouX finds them; a Japanese one begins
    with hiragana too seldom for its finds there to be right."""
    parser = _parser(language(lang).script)
    ends = accumulate(len(phrase) for phrase in parser.parse(text)) if parser else ()
    return frozenset(k for k in ends if k < len(text) and not _HIRAGANA.match(text[k]))


@lru_cache
def _parser(script: str) -> Parser | None:
    load = {
        "Jpan": load_default_japanese_parser,
        "Hans": load_default_simplified_chinese_parser,
        "Hant": load_default_traditional_chinese_parser,
    }.get(script)
    return load() if load else None
