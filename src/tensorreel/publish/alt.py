"""Alt text: what a picture or a clip shows, for those who do not see it, in both languages.

It says which stage it is, the formula, the shapes with the model's sizes, the sentence, and what the last
caption says, whose numbers are the ones on the screen. Nothing in it is written by hand for a stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.engine import Trace
from tensorreel.core.stages import ARTICLE
from tensorreel.core.table import Stage
from tensorreel.film.job.job import Cue
from tensorreel.publish.plain import sentence
from tensorreel.publish.subtitles import caption
from tensorreel.visuals.lettering.isolates import isolated
from tensorreel.words.around import AROUND

Kind = Literal["clip", "picture"]
SYMBOLS = {s.name: s.symbol_plain for s in ARTICLE.stages} | {
    p.name: p.symbol_plain for p in ARTICLE.parameters.values()
}
SYMBOLS |= {"tokens": "t", HIDDEN: "H"}
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
    parts = (
        _english(scene, stage, trace, said, kind)
        if lang == "en"
        else _japanese(scene, stage, trace, said, kind)
    )
    return " ".join("".join(parts).split()) if lang == "en" else "".join(parts)


def title(scene: str, lang: str) -> str:
    """What a clip is called: ``7. Attention weights``, or the name of the opening or the recap."""
    from tensorreel.film.run.production import chapter_title

    return chapter_title(scene, lang)


def shapes(stage: Stage, trace: Trace) -> str:
    """``S 2×5×5 → A 2×5×5``: the inputs and the output of a stage with the sizes of the model and sentence."""
    sizes = trace.sizes
    inputs = ", ".join(
        f"{SYMBOLS[name]} {_times(dims, sizes)}"
        for name, dims in zip(stage.inputs, stage.in_dims, strict=True)
    )
    return f"{inputs} → {stage.symbol_plain} {_times(stage.out_dims, sizes)}"


def _times(dims: Sequence[str], sizes: dict[str, int]) -> str:
    return "×".join(str(sizes[letter]) for letter in dims)


def _english(scene: str, stage: Stage | None, trace: Trace, said: str, kind: Kind) -> list[str]:
    what = {"clip": "Animation", "picture": "Picture"}[kind]
    if stage is None:
        parts = [f"{what}: {AROUND[scene].name.en}, for the sentence “{_said(trace)}”. "]
    else:
        parts = [
            f"{what}: stage {stage.number} of {len(trace.model.architecture.stages)}, {_lowered(stage.title.en)}. {stage.meaning.en} ",
            f"Formula: {stage.formula_plain}. Shapes: {shapes(stage, trace)}. ",
            f"Sentence: {_said(trace)}. ",
        ]
    told = {"clip": "It ends with: ", "picture": "Caption: "}[kind]
    return [*parts, told + said] if said else parts


def _japanese(scene: str, stage: Stage | None, trace: Trace, said: str, kind: Kind) -> list[str]:
    what = {"clip": "アニメーション", "picture": "図"}[kind]
    if stage is None:
        parts = [f"{what}：{AROUND[scene].name.ja}。文は「{_said(trace)}」。"]
    else:
        parts = [
            f"{what}：全{len(trace.model.architecture.stages)}段階の{stage.number}番目、{stage.title.ja}。{stage.meaning.ja}",
            f"式は {stage.formula_plain}、形は {shapes(stage, trace)}。文は「{_said(trace)}」。",
        ]
    told = {"clip": "最後の字幕：", "picture": "字幕："}[kind]
    return [*parts, told + said] if said else parts


def _said(trace: Trace) -> str:
    """The sentence, which runs its own way within what is said about it."""
    return isolated(sentence(trace, _LONGEST))


def _lowered(title: str) -> str:
    """A title within a sentence; abbreviations keep their capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
