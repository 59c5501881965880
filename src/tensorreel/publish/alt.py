"""Alt text: what a picture or a clip shows, for those who do not see it.

It says which stage it is, the formula, the shapes with the model's sizes, the sentence, and what the last
caption says, whose numbers are the ones on the screen. Nothing in it is written by hand for a stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tensorreel.core.engine import Trace
from tensorreel.core.model import Model
from tensorreel.core.table import Stage
from tensorreel.core.variation import told_in
from tensorreel.film.job.job import Cue
from tensorreel.publish.plain import sentence
from tensorreel.publish.subtitles import caption
from tensorreel.visuals.lettering.isolates import isolated
from tensorreel.words.languages import language
from tensorreel.words.text import Text

Kind = Literal["clip", "picture"]
KINDS: dict[Kind, Text] = {"clip": Text("Animation", "alt"), "picture": Text("Picture", "alt")}
LAST: dict[Kind, Text] = {
    "clip": Text("It ends with: {caption}", "alt"),
    "picture": Text("Caption: {caption}", "alt"),
}
ABOUT_FILM = Text("{what}: {scene}, for the sentence “{sentence}”.", "alt")
ABOUT_STAGE = Text("{what}, stage {n} of {stages}: {title}.", "alt")
FORMULA = Text("Formula: {formula}. Shapes: {shapes}.", "alt")
CHANGED = Text("Changed: {what}.", "alt")
SENTENCE = Text("Sentence: {sentence}.", "alt")
_LONGEST = 120  # characters of a sentence before it is shortened


def alt_text(
    scene: str, trace: Trace, cues: Sequence[Cue], lang: str, *, beat: str | None = None, kind: Kind = "clip"
) -> str:
    """Alt text of a scene's clip, or with ``kind="picture"`` of the picture at the end of a beat.

    ``cues`` are the clip's beats, ``beat`` the name of one of them (default: the last). Plain text in one
    line, to be escaped by whoever puts it into a document.
    """
    said = next((caption(c, lang) for c in reversed(cues) if beat in (None, c.name)), "")
    stage = trace.model.architecture.get(scene)
    return language(lang).joiner.join(_sentences(scene, stage, trace, said, kind, lang))


def film_alt_text(trace: Trace, lang: str) -> str:
    """Alt text of the whole film: what it is called, and its sentence."""
    from tensorreel.film.run.contents import FILM_TITLE

    return ABOUT_FILM.filled(what=KINDS["clip"], scene=FILM_TITLE, sentence=_said(trace)).of(lang)


def file_title(scene: str, trace: Trace, lang: str) -> str:
    """What a clip is called: ``7. Attention weights``, or the name of the opening or the recap."""
    from tensorreel.film.run.contents import chapter_title

    return chapter_title(scene, lang, trace.model.architecture)


def _sentences(
    scene: str, stage: Stage | None, trace: Trace, said: str, kind: Kind, lang: str
) -> Iterator[str]:
    what = KINDS[kind]
    if stage is None:
        yield ABOUT_FILM.filled(what=what, scene=_shows(scene), sentence=_said(trace)).of(lang)
    else:
        table = trace.model.architecture
        place = {"n": str(stage.number), "stages": str(len(table.stages))}
        yield ABOUT_STAGE.filled(what=what, **place, title=stage.title).of(lang)
        yield stage.meaning.of(lang)
        yield FORMULA.filled(formula=stage.formula_plain, shapes=table.shapes(stage, trace.sizes)).of(lang)
        yield SENTENCE.filled(sentence=_said(trace)).of(lang)
    if changed := _changed(stage, trace.model):
        yield CHANGED.filled(what=changed).of(lang)
    if said:
        yield LAST[kind].filled(caption=said).of(lang)


def _changed(stage: Stage | None, model: Model) -> Text | None:
    """What was changed about a model, where a stage can feel it in any layer."""
    said = (told_in(model, stage.name if stage else "", layer) for layer in range(model.config.n_layers))
    return next(filter(None, said), None)


def _shows(scene: str) -> Text:
    """What a scene that draws no stage shows, in its own words."""
    from tensorreel import scenes

    shows: Text = scenes.storyboards()[scene].words["shows"]
    return shows


def _said(trace: Trace) -> str:
    """The sentence, which runs its own way within what is said about it."""
    return isolated(sentence(trace, _LONGEST))
