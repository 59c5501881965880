"""What a lecturer reads beside a slide: what is said and when, what to point at, what to ask, what comes next."""

from __future__ import annotations

from tensorreel.publish.deck.lecture import HEADINGS, Lecture, LecturePart, LectureStep
from tensorreel.publish.subtitles import caption


def notes(lecture: Lecture, part: LecturePart, step: LectureStep | None = None) -> list[tuple[str, str]]:
    """Speaker notes as (heading, text), in all languages: what is said and when, what to point at, formula, shapes,
    meaning, question, and what comes next.

    Without a step they are those of the whole part.
    """
    lang = lecture.lang
    said = [] if step is None else [(HEADINGS["caption"].of(x), _timed(step, part, x)) for x in lecture.langs]
    said += [(HEADINGS["point"].of(x), part.pointed(x)) for x in lecture.langs]
    shapes = "\n".join(f"{row.symbol}  {row.letters}  {row.sizes}" for row in part.shapes(lang))
    facts = [] if not part.formula else [(HEADINGS["formula"].of(lang), part.formula)]
    facts.append((HEADINGS["shapes" if part.stage else "sizes"].of(lang), shapes))
    asked = [
        (HEADINGS[key].of(x), text.of(x))
        for x in lecture.langs
        if part.question
        for key, text in (("ask", part.question.ask), ("answer", part.question.answer))
    ]
    whole = step is None or len(part.steps) == 1
    meaning = [(HEADINGS["meaning"].of(x), part.meaning.of(x)) for x in lecture.langs] if whole else []
    onward = [(HEADINGS["next"].of(x), lecture.onward(part, step, x)) for x in lecture.langs]
    return [(head, text) for head, text in (*said, *meaning, *facts, *asked, *onward) if text]


def _timed(step: LectureStep, part: LecturePart, lang: str) -> str:
    """What the captions of a step say; where they are several, each with its second of the clip."""
    if len(step.cues) < 2:
        return step.caption(lang)
    begins = [int(cue.start - step.first / part.clip.fps) for cue in step.cues]
    return "\n".join(
        f"{at // 60}:{at % 60:02}  {caption(cue, lang)}" for at, cue in zip(begins, step.cues, strict=True)
    )
