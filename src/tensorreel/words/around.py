"""The scenes around the stages, in words: what they are called, what they are of the film, what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tensorreel.words.text import Text


@dataclass(frozen=True)
class Around:
    """One scene that is no line of the formula table."""

    title: Text
    name: Text  # within a sentence
    meaning: Text


AROUND: Mapping[str, Around] = {
    "opening": Around(
        Text("Opening", "chapter"),
        Text("the opening of the film", "alt"),
        Text("The sentence, its tokens, the model's sizes, and the question: which word comes next?", "deck"),
    ),
    "recap": Around(
        Text("Recap", "chapter"),
        Text("the recap of the film", "alt"),
        Text("Every tensor once more, the whole path in fast motion, and the model's answer.", "deck"),
    ),
}
