"""What a viewer may choose about a film: language, look, pace, and the token, head and layer shown slowly."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "ja")
THEMES = ("dark", "light", "transparent", "transparent-dark")
CLEAR_THEMES = ("transparent", "transparent-dark")  # no ground: for lying over light slides, over dark ones


@dataclass(frozen=True)
class SceneOptions:
    """Choices that reach every scene. Indices are 0-based; ``token=None`` lets the stage choose."""

    lang: str = "en"
    theme: str = "dark"
    pace: float = 1.0
    layer: int = 0
    head: int = 0
    token: int | None = None
    font: str | None = None
