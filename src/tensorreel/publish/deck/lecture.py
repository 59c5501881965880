"""What a lecture consists of, whatever it is written as: parts, one a scene, and their steps.

A part is a scene with its clip, its line of the formula table and a question for the class. A step is what one
press of a key plays: a beat of the clip, or all of it. Steps end at the end of a beat, while the picture is
full and holds; the motion that clears the stage for the next clip is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tensorreel.core.architecture import Architecture
from tensorreel.core.engine import Trace
from tensorreel.core.sizes import SIZES
from tensorreel.core.table import SHAPE_LETTERS, Stage
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Picture
from tensorreel.film.run.contents import FILM_TITLE, chapter_title
from tensorreel.publish.alt import alt_text
from tensorreel.publish.questions import Question, question_of
from tensorreel.publish.subtitles import caption
from tensorreel.words.languages import language
from tensorreel.words.text import Text

Steps = Literal["beat", "stage"]


@dataclass(frozen=True)
class TableRow:
    """One line of a table of shapes: ``Q``, ``h × T × d_k``, ``2×5×2``.

    ``name`` is the tensor's in the trace, empty for a size of the model, whose ``letters`` say what it counts;
    ``result`` marks the stage's output, ``learned`` a parameter.
    """

    name: str
    symbol: str
    letters: str
    sizes: str
    result: bool = False
    learned: bool = False


@dataclass(frozen=True)
class LectureStep:
    """Frames ``first`` to ``last`` (not included) of a part's clip, with the captions shown meanwhile.

    One with ``loop`` goes round until the next; the others hold their last picture.
    """

    number: int  # from 1, within its part
    first: int
    last: int
    cues: tuple[Cue, ...]
    loop: bool = False

    def caption(self, lang: str) -> str:
        """What the captions say, in a language, one after the other."""
        return language(lang).joiner.join(caption(cue, lang) for cue in self.cues)


@dataclass(frozen=True)
class LecturePart:
    """One scene of the lecture."""

    scene: str
    clip: Clip
    steps: tuple[LectureStep, ...]
    trace: Trace

    @property
    def name(self) -> str:
        """``attn-weights``, as on the command line."""
        return self.scene.replace("_", "-")

    @property
    def stage(self) -> Stage | None:
        """Its line of the formula table; the opening and the recap have none."""
        return self.architecture.get(self.scene)

    @property
    def number(self) -> int:
        """Its place in the film: 0 the opening, then the stages by their numbers, then the recap."""
        from tensorreel import scenes

        return int(scenes.number(self.scene, self.architecture))

    @property
    def architecture(self) -> Architecture:
        """The table that the model runs."""
        return self.trace.model.architecture

    @property
    def question(self) -> Question | None:
        """What to ask the class, if there is something."""
        return question_of(self.scene, self.architecture)

    @property
    def meaning(self) -> Text:
        """What the stage does, in a sentence."""
        from tensorreel import scenes

        return self.stage.meaning if self.stage else scenes.storyboards()[self.scene].words["meaning"]

    @property
    def formula(self) -> str:
        """The stage's formula in Unicode; empty for a scene that has none."""
        return self.stage.formula_plain if self.stage else ""

    def pointed(self, lang: str) -> str:
        """Where to look: what the stage takes, and what it makes; empty for a scene that is no stage."""
        *inputs, result = (row.symbol for row in self.shapes(lang))
        return POINTED.filled(inputs=", ".join(inputs), result=result).of(lang) if self.stage else ""

    def title(self, lang: str) -> str:
        """``7. Attention weights``."""
        return chapter_title(self.scene, lang, self.architecture)

    def alt(self, step: LectureStep, lang: str) -> str:
        """What the picture at the end of a step shows, for those who do not see it."""
        beat = step.cues[-1].name if step.cues else None
        return alt_text(self.scene, self.trace, self.clip.beats, lang, beat=beat, kind="picture")

    def shapes(self, lang: str) -> tuple[TableRow, ...]:
        """The stage's tensors; for the opening and the recap the sizes of the model."""
        sizes = self.trace.sizes
        if self.stage is None:
            sizes |= {"L": self.trace.model.config.n_layers}
            return tuple(
                TableRow("", _letter(x), size.meaning.of(lang), str(sizes[x])) for x, size in SIZES.items()
            )
        inputs = zip(self.stage.inputs, self.stage.in_dims, strict=True)
        table = self.architecture
        rows = [
            _row(name, table.symbol_of(name), dims, sizes, learned=name in table.parameters)
            for name, dims in inputs
        ]
        return (*rows, _row(self.scene, self.stage.symbol_plain, self.stage.out_dims, sizes, result=True))


@dataclass(frozen=True)
class Logo:
    """A picture for the cover: its file, which is an image ``png``, ``jpeg`` or ``svg+xml`` (RFC 2046), and what it
    shows, if that is said.
    """

    data: bytes
    kind: str
    alt: str = ""

    @property
    def vector(self) -> bool:
        """Whether it is drawn by lines, which PowerPoint does not take alone."""
        return self.kind.endswith("+xml")

    @property
    def file(self) -> str:
        """A name for it."""
        return f"logo.{self.kind.partition('+')[0]}"


@dataclass(frozen=True)
class LectureCover:
    """What a lecturer says of a lecture: another title than the film's, who holds it, and when, as it is to be read;
    and a picture, such as a university's.
    """

    title: str = ""
    author: str = ""
    date: str = ""
    logo: Logo | None = None

    @property
    def byline(self) -> str:
        """Who and when, on one line."""
        return " · ".join(filter(None, (self.author, self.date)))


PLAIN = LectureCover()


@dataclass(frozen=True)
class Lecture:
    """The parts in order, and what they have in common."""

    parts: tuple[LecturePart, ...]
    lang: str
    theme: str
    picture: Picture
    trace: Trace
    font: str | None = None
    others: tuple[str, ...] = ()  # further languages, of captions, notes and questions
    cover: LectureCover = PLAIN
    steps: Steps = "beat"

    @property
    def title(self) -> str:
        """The lecturer's, or the film's in the lecture's language."""
        return self.cover.title or FILM_TITLE.of(self.lang)

    @property
    def logo_alt(self) -> str:
        """What the picture on the cover shows, for those who do not see it."""
        return (self.cover.logo.alt if self.cover.logo else "") or HEADINGS["logo"].of(self.lang)

    def onward(self, part: LecturePart, step: LectureStep | None, lang: str) -> str:
        """What follows a step: the caption of the next one, or the next part and what it does; empty at the end."""
        if step is not None and step.number < len(part.steps):
            return part.steps[step.number].caption(lang)
        at = [other.scene for other in self.parts].index(part.scene) + 1
        if at >= len(self.parts):
            return ""
        return f"{self.parts[at].title(lang)} – {self.parts[at].meaning.of(lang)}"

    def translated_title(self, lang: str) -> str:
        """The film's in another language, where the lecturer gives it no name."""
        return "" if self.cover.title else FILM_TITLE.of(lang)

    @property
    def covered(self) -> bool:
        """Whether it begins with a cover: one of several parts does, and one of which something is said."""
        return len(self.parts) > 1 or self.cover != PLAIN

    @property
    def langs(self) -> tuple[str, ...]:
        """All its languages, the clips' own first."""
        return (self.lang, *self.others)


def _letter(axis: str) -> str:
    return SHAPE_LETTERS.get(axis, axis)


def _row(name: str, symbol: str, dims: Sequence[str], sizes: dict[str, int], **marks: bool) -> TableRow:
    here = "×".join(str(sizes[x]) for x in dims)
    return TableRow(name, symbol, " × ".join(map(_letter, dims)), here, **marks)


def steps_of(clip: Clip, steps: Steps, loop: bool | None = None) -> tuple[LectureStep, ...]:
    """A clip's steps: a beat each, from the end of the beat before, or all beats in one.

    Without ``loop`` those go round for which the storyboard says so, and a whole stage holds.
    """
    ends = [round(cue.end * clip.fps) for cue in clip.beats]
    if not ends:
        return (LectureStep(1, 0, clip.frames, (), bool(loop)),)
    if steps == "stage":
        return (LectureStep(1, 0, ends[-1], clip.beats, bool(loop)),)
    starts = [0, *ends[:-1]]
    return tuple(
        LectureStep(k, first, last, (cue,), cue.loop if loop is None else loop)
        for k, (first, last, cue) in enumerate(zip(starts, ends, clip.beats, strict=True), 1)
        if last > first
    )


def lecture_of(
    clips: Sequence[Clip],
    trace: Trace,
    *,
    lang: str,
    theme: str,
    picture: Picture,
    steps: Steps,
    loop: bool | None = None,
    font: str | None = None,
    others: Sequence[str] = (),
    cover: LectureCover = LectureCover(),
) -> Lecture:
    """The lecture that some finished clips make, in their order."""
    parts = tuple(LecturePart(clip.scene, clip, steps_of(clip, steps, loop), trace) for clip in clips)
    return Lecture(parts, lang, theme, picture, trace, font, tuple(others), cover, steps)


POINTED = Text("{inputs}: what goes in. {result}: what comes out.", "deck")


HEADINGS = {
    "caption": Text("Caption", "deck"),
    "formula": Text("Formula", "deck"),
    "shapes": Text("Shapes", "deck"),
    "sizes": Text("Sizes", "deck"),
    "meaning": Text("What it does", "deck"),
    "ask": Text("Ask the class", "deck"),
    "answer": Text("Answer", "deck"),
    "point": Text("Point at", "deck"),
    "next": Text("What comes next", "deck"),
    "notes": Text("Notes", "deck"),
    "logo": Text("Logo", "deck"),
    "contents": Text("The stages", "deck"),
    "answers": Text("Answers to the questions", "deck"),
}
TENSOR_HEADINGS = (Text("tensor", "deck"), Text("shape", "deck"), Text("here", "deck"))
SIZE_HEADINGS = (Text("size", "deck"), Text("what it counts", "deck"), Text("here", "deck"))
