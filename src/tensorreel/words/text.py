"""What is said, before it is said in a language: an English sentence, and what is filled into it.

The English sentence stands in the code. Every other language is a gettext catalogue (``catalogue``), in which the
sentence is found by itself and by its ``context``: the stage and the beat of a caption, the place of a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tensorreel.words.catalogue import pattern


@dataclass(frozen=True)
class Aside:
    """What is said in one language only: an English film says what a Japanese word means."""

    lang: str
    said: str

    def of(self, lang: str) -> str:
        """It, or nothing in another language."""
        return self.said if lang == self.lang else ""


@dataclass(frozen=True)
class Text:
    """A message. ``{name}`` in it is replaced by the value of that name, which may be a text itself.

    ``plural`` is the English wording for any number but one, ``n`` the number.
    """

    english: str
    context: str
    plural: str = ""
    n: int = 1
    values: tuple[tuple[str, Said], ...] = ()

    def of(self, lang: str) -> str:
        """The wording in a language, filled in; English where its catalogue has none.

        A language without a catalogue raises ``KeyError``.
        """
        said = {name: v if isinstance(v, str) else v.of(lang) for name, v in self.values}
        return pattern(lang, self.context, self.english, self.plural, self.n).format(**said)

    def filled(self, **values: Said) -> Text:
        """The same message with these values, beside those that it has."""
        return replace(self, values=tuple((dict(self.values) | values).items()))

    def counted(self, n: int) -> Text:
        """The same message about so many."""
        return replace(self, n=n)

    def plain(self) -> list[Any]:
        """It as JSON can hold it; ``text_from`` is the way back."""
        values = [[name, v if isinstance(v, str) else _plain(v)] for name, v in self.values]
        return [self.english, self.context, self.plural, self.n, values]


Said = str | Text | Aside


def message(text: str | Text, context: str) -> Text:
    """An English sentence in its context; a message has one already."""
    return text if isinstance(text, Text) else Text(text, context)


def _plain(value: Text | Aside) -> dict[str, Any]:
    return {"text": value.plain()} if isinstance(value, Text) else {"lang": value.lang, "said": value.said}


def text_from(facts: Any) -> Text:
    """A message from its plain form; ``ValueError`` or ``TypeError`` for anything else."""
    english, context, plural, n, values = facts
    if not all(isinstance(x, str) for x in (english, context, plural)) or not isinstance(n, int):
        raise TypeError("not a message")
    return Text(english, context, plural, n, tuple((str(name), _said(value)) for name, value in values))


def _said(value: Any) -> Said:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise TypeError("not a value of a message")
    if "text" in value:
        return text_from(value["text"])
    return Aside(str(value.get("lang")), str(value.get("said")))


QUOTED = Text("“{word}”", "quote")


def quoted(word: str) -> Text:
    """A word in the quotation marks of each language, as every caption has it."""
    return QUOTED.filled(word=word)
