"""What a viewer may choose about a film: language, look, pace, and the token, head and layer shown slowly."""

from __future__ import annotations

from dataclasses import dataclass

from tensorreel.visuals.look import theme

THEMES = tuple(theme.THEMES)
CLEAR_THEMES = tuple(name for name, look in theme.THEMES.items() if look.clear)  # for lying over slides


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
