"""The languages of the film, and what of them is not a sentence: names, tags, how they are written and read.

A language is there when its catalogue is (``locale/LANG.po``). Names, codes and scripts are CLDR's, by babel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tensorreel.words.catalogue import ENGLISH, FOLDER

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = (ENGLISH, *sorted(p.stem.replace("_", "-") for p in FOLDER.glob("*.po")))
"""Every language that the film knows, as ``--lang`` names it: BCP 47, English first."""
# Codes of ISO 639-2 for libraries, which MP4 and Matroska do not want; the list is closed.
_BIBLIOGRAPHIC = frozenset(
    [
        "alb",
        "arm",
        "baq",
        "bur",
        "chi",
        "cze",
        "dut",
        "fre",
        "geo",
        "ger",
        "gre",
        "ice",
        "mac",
        "mao",
        "may",
        "per",
        "rum",
        "slo",
        "tib",
        "wel",
    ]
)
# Scripts that are written without spaces, and the Korean one, whose syllables take as long to read.
_UNSPACED, _DENSE = ("Jpan", "Hans", "Hant"), ("Jpan", "Hans", "Hant", "Kore")


@dataclass(frozen=True)
class Language:
    """A language: its BCP 47 tag and the one with a country, its ISO 639-2 code, its own name and its script."""

    tag: str
    regional: str
    iso: str
    name: str
    script: str

    @property
    def unspaced(self) -> bool:
        """Whether it is written without spaces."""
        return self.script in _UNSPACED

    @property
    def joiner(self) -> str:
        """What stands between two sentences."""
        return "" if self.unspaced else " "

    @property
    def breaks_at_spaces(self) -> bool:
        """Whether its wide characters make words that stay whole, as Korean syllables do."""
        return self.script == "Kore"

    @property
    def dense(self) -> bool:
        """Whether its characters are as tall as the line, and say as much as a syllable or a word."""
        return self.script in _DENSE

    @property
    def seconds(self) -> float:
        """How long a character of it takes to read."""
        return 0.06 if self.dense else 0.04


def subtitles_of(lang: str, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """The languages that a film in ``lang`` has subtitles in, its own first: those asked for, or its own and English."""
    wanted = asked or (lang, ENGLISH)
    return tuple(sorted(dict.fromkeys(wanted), key=lambda other: other != lang))


@lru_cache
def language(lang: str) -> Language:
    """What is known of a language; ``KeyError`` where the film does not know it."""
    if lang == ENGLISH:  # said without babel
        return Language("en", "en-US", "eng", "English", "Latn")
    if lang not in LANGUAGES:
        raise KeyError(lang)
    from babel import Locale

    own = Locale.parse(lang, sep="-")
    code, script, country = _likely(own)
    name = own.get_display_name(own) or lang
    return Language(lang, f"{code}-{country}", _three_letters(code), name[:1].upper() + name[1:], script)


def _likely(own: Locale) -> tuple[str, str, str]:
    """Language, script and country, as CLDR adds what a tag leaves out."""
    from babel.core import get_global, parse_locale

    known = get_global("likely_subtags")
    whole = known.get(str(own)) or known.get(own.language) or str(own)
    code, country, script, *_ = parse_locale(str(whole))
    return code, own.script or script or "Latn", own.territory or country or ""


def _three_letters(code: str) -> str:
    """ISO 639-2/T of a language of ISO 639-1; ``und`` where CLDR knows none."""
    from babel.core import get_global

    known = {
        three for three, two in get_global("language_aliases").items() if two == code and len(three) == 3
    }
    found = sorted(known - _BIBLIOGRAPHIC, key=lambda three: (not three.startswith(code), three))
    return found[0] if found else "und"
