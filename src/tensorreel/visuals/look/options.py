"""What a viewer may choose about a film: language, look, pace, cut, and the token, head and layer shown slowly."""

from __future__ import annotations

from dataclasses import dataclass

from tensorreel.visuals.look import theme

THEMES = tuple(theme.THEMES)
CLEAR_THEMES = tuple(name for name, look in theme.THEMES.items() if look.clear)  # for lying over slides
FULL, NUMBERS, STORY = CUTS = ("full", "numbers", "story")


@dataclass(frozen=True)
class SceneOptions:
    """Choices that reach every scene. Indices are 0-based; ``token=None`` lets the stage choose.

    ``cut`` is one of ``CUTS``: every beat; those without a why; the one of each scene that tells the story.
    """

    lang: str = "en"
    theme: str = "dark"
    pace: float = 1.0
    layer: int = 0
    head: int = 0
    token: int | None = None
    font: str | None = None
    cut: str = FULL

    def shows(self, *, why: bool, story: bool) -> bool:
        """Whether a beat is in the cut: one that gives a reason, or the one that tells the story."""
        return {FULL: True, NUMBERS: not why, STORY: story}[self.cut]
