"""What toys say: English and Japanese that stand in no catalogue."""

from __future__ import annotations

from tensorreel.words.text import Aside, Text


def both(en: str, ja: str) -> Text:
    """A message that is worded in two languages."""
    return Text("{en}{ja}", "test").filled(en=Aside("en", en), ja=Aside("ja", ja))
