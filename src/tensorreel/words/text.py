"""Words in the two languages of the film."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """The same thing said in English and in Japanese."""

    en: str
    ja: str

    def of(self, lang: str) -> str:
        """The wording in a language, ``en`` or ``ja``; any other raises ``KeyError``."""
        return {"en": self.en, "ja": self.ja}[lang]


QUOTES = Text("“{}”", "「{}」")


def quoted(word: str) -> Text:
    """A word in the quotation marks of each language, as every caption has it."""
    return Text(QUOTES.en.format(word), QUOTES.ja.format(word))
