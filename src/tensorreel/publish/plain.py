"""Words outside of pictures: written out as on the screen, so that no document, player or terminal obeys them.

XML cannot hold most control characters at all, and a mark of direction in a caption would turn round what
stands beside it on a slide.
"""

from __future__ import annotations

import re

from wcwidth import iter_graphemes

from tensorreel.core.engine import Trace
from tensorreel.visuals.lettering.apart import told_apart
from tensorreel.visuals.lettering.isolates import balanced, isolated
from tensorreel.words.glosses import meant
from tensorreel.words.visible_text import spelled_out

_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_WORD, _SENTENCE = 40, 240  # characters before it is shortened: a slide, or a page's head, holds no more


def plain(text: str, *, prose: bool = False) -> str:
    """A text in one line, of characters that can be seen; of the film's own ``prose``, also what isolates words.

    Spaces at which no line ends stay: French has them before its colons.
    """
    return _SPACES.sub(" ", spelled_out(text, prose=prose)).strip()


def sentence(trace: Trace, longest: int = _SENTENCE) -> str:
    """The words with spaces between them; long ones, and what is beyond ``longest`` characters, end in an ellipsis."""
    words = [plain(word) for word in trace.labels]
    shown = told_apart(
        words, lambda w: _shortened(w, _WORD), lambda w: len(w) <= _WORD, lambda w: [*iter_graphemes(w)]
    )
    return _shortened(" ".join(shown[word] for word in words), longest)


def glosses(trace: Trace, lang: str) -> str:
    """What the words mean in a language, if all of them have a gloss and any says more than its word."""
    meanings = meant(trace.labels, trace.glosses, lang)
    if not any(meanings) or not all(trace.glosses):
        return ""
    said = [meaning or word for meaning, word in zip(meanings, trace.labels, strict=True)]
    whole = " · ".join(isolated(_shortened(plain(word), _WORD)) for word in said)
    return balanced(_shortened(whole, _SENTENCE))


def _shortened(text: str, longest: int) -> str:
    """Cut between two letters, marks and joined emoji being part of theirs."""
    if len(text) <= longest:
        return text
    kept = ""
    for letter in iter_graphemes(text):
        if len(kept) + len(letter) >= longest:
            break
        kept += letter
    return kept + "…"
