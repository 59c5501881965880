"""Reading the catalogues: ``locale/LANG.po``, one for every language but English, as translators' programs write them.

They are read as they are, by babel, when the first sentence is said in their language; English needs none.
"""

from __future__ import annotations

import gettext
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locale"
ENGLISH = "en"


@dataclass(frozen=True)
class Catalogue:
    """The wordings of a language by context and English sentence, each with one form a plural; which form a number
    takes; and the digest of the file that they were read from."""

    wordings: dict[tuple[str, str], tuple[str, ...]]
    form_of: Callable[[int], int]
    digest: str


def path_of(lang: str) -> Path:
    """The catalogue's file: ``zh-Hans`` is said by ``zh_Hans.po``."""
    return FOLDER / f"{lang.replace('-', '_')}.po"


@lru_cache
def catalogue(lang: str) -> Catalogue:
    """The catalogue of a language, read once a process; ``KeyError`` where there is none."""
    from babel.messages.pofile import read_po

    try:
        data = path_of(lang).read_bytes()
    except FileNotFoundError:
        raise KeyError(lang) from None
    read = read_po(io.BytesIO(data), abort_invalid=True)
    wordings = {}
    for message in read:
        forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
        english = message.id[0] if isinstance(message.id, list | tuple) else message.id
        if english and all(forms) and not message.fuzzy:
            wordings[message.context or "", english] = tuple(map(str, forms))
    return Catalogue(wordings, gettext.c2py(read.plural_expr), hashlib.sha256(data).hexdigest())


def pattern(lang: str, context: str, english: str, plural: str = "", n: int = 1) -> str:
    """A message as it is worded in a language, placeholders and all; English where the catalogue has nothing."""
    if lang != ENGLISH:
        found = catalogue(lang)
        forms = found.wordings.get((context, english))
        if forms:
            return forms[found.form_of(n)] if plural else forms[0]
    return plural if plural and n != 1 else english


def has(lang: str, context: str, english: str) -> bool:
    """Whether a language has a wording of its own for a message."""
    return lang == ENGLISH or (context, english) in catalogue(lang).wordings


def catalogue_digest(lang: str) -> str:
    """Digest of a language's catalogue as it was read; empty for English."""
    return "" if lang == ENGLISH else catalogue(lang).digest
