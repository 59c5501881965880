"""Colours, sizes and times: constants of the theme, never choices of a scene.

Role hues start from the Okabe–Ito set and were moved as little as possible until any two of them differ by
at least 17 (CIE76) in normal vision and under simulated deuteranopia, protanopia and tritanopia, and text in
each passes WCAG AA (4.5:1) on the background. ``tensorreel lint`` measures both.
Lengths are Manim units: the frame is 128/9 wide and 8 high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

FRAME_WIDTH, FRAME_HEIGHT = 128 / 9, 8.0
MARGIN = 0.035
SAFE_X, SAFE_Y = FRAME_WIDTH * (0.5 - MARGIN), FRAME_HEIGHT * (0.5 - MARGIN)
MIN_GLYPH = 0.022 * FRAME_HEIGHT  # nothing smaller carries meaning

# Sizes are em heights. A digit of the film's font is 0.73 em high, a lower-case x 0.54 em.
DIGIT_EM = 0.73
WORD_EM = 0.72  # the height by which a word is centred
SIZE_NUMBER = 0.34
SIZE_NUMBER_MIN = 0.248  # 4e−4 has digits of 0.713 em
SIZE_LABEL = 0.34
SIZE_CAPTION = 0.38
SIZE_TITLE = 0.44

# Seconds at pace 1.
QUICK, SHORT, MEDIUM, LONG = 0.25, 0.45, 0.8, 1.3
STORY_SPEED = 3.0  # of motions in the cut that has one beat a stage
STORY_MOTION = 1.1  # seconds that a result takes to come in it, at least
HOLD_MIN = 0.5
HOLD_RESULT, HOLD_ENTRANCE = 1.3, 1.5  # the least after a result, the most after a mere entrance
HOLD_GUESS = 2.0  # the least with an open question
BREATH = 0.4  # between two sentences that are spoken

# Gaps.
WORDS = 0.08  # between a number and the words that belong to it
NAME = 0.2  # between a frame and the symbol beside it


@dataclass(frozen=True)
class Theme:
    """One look: the background, the inks, and a hue for every role."""

    name: str
    background: str
    ink: str
    dim: str
    faint: str
    panel: str
    accent: str
    roles: Mapping[str, str]
    dims: Mapping[str, str]
    heads: tuple[str, ...]
    shade_max: float  # opacity of the strongest cell
    clear: bool = False  # no background is painted; then ``background`` is the one that shades are chosen for
    more_grounds: tuple[str, ...] = ()  # other backgrounds that it is meant to lie on

    @property
    def dark(self) -> bool:
        """Whether it is light on dark."""
        ground, ink = (sum(bytes.fromhex(colour[1:])) for colour in (self.background, self.ink))
        return ground < ink

    @property
    def grounds(self) -> tuple[str, ...]:
        """Every background on which it has to be legible."""
        return self.background, *self.more_grounds

    def role(self, name: str) -> str:
        """The hue of a role; an unknown one is a mistake of the scene, so it raises."""
        return self.roles[name]


_DARK_ROLES = {
    "hidden": "#C9D1DC",
    "query": "#ECA438",
    "key": "#0799F5",
    "value": "#2FC49A",
    "attention": "#D385B8",
    "prob": "#F5EA5F",
    "param": "#BEA1EA",
}
_LIGHT_ROLES = {
    "hidden": "#3C4554",
    "query": "#9E610E",
    "key": "#1B72B5",
    "value": "#006041",
    "attention": "#AC3681",
    "prob": "#574901",
    "param": "#5942B8",
}

DARK = Theme(
    name="dark",
    background="#10141B",
    ink="#F3F5F8",
    dim="#9AA6B6",
    faint="#3A4453",
    panel="#1A2029",
    accent="#FFD54A",
    roles=_DARK_ROLES,
    dims={
        "T": "#F3F5F8",
        "S": "#F3F5F8",
        "d": "#8FD3FF",
        "h": "#C8B8FF",
        "k": "#FFB48A",
        "f": "#8FE3B0",
        "V": "#F4E27A",
    },
    heads=("#ECA438", "#0799F5", "#2FC49A", "#D385B8"),
    shade_max=0.42,
)
LIGHT = Theme(
    name="light",
    background="#FBFAF6",
    ink="#161B23",
    dim="#566070",
    faint="#C9CED6",
    panel="#EFEDE6",
    accent="#9A4A00",
    roles=_LIGHT_ROLES,
    dims={
        "T": "#161B23",
        "S": "#161B23",
        "d": "#0B62A3",
        "h": "#5B41B5",
        "k": "#9A3D00",
        "f": "#00694A",
        "V": "#6B6100",
    },
    heads=("#9E610E", "#1B72B5", "#006041", "#AC3681"),
    shade_max=0.30,
)

# Without a ground, for lying over a slide: the light inks for light slides, the dark theme's for dark ones.
TRANSPARENT = replace(
    LIGHT,
    name="transparent",
    background="#FFFFFF",
    clear=True,
    more_grounds=("#FBFAF6", "#F8F8F8", "#FFF8E5", "#F4F9FF"),
)
TRANSPARENT_DARK = replace(
    DARK,
    name="transparent-dark",
    background="#10141B",
    clear=True,
    more_grounds=("#000000", "#1E1E1E", "#0B2545", "#1F2430"),
    shade_max=0.36,
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, TRANSPARENT, TRANSPARENT_DARK)}

# Which hue each tensor of the trace wears.
ROLE_OF = {
    "query": "query",
    "key": "key",
    "value": "value",
    "attn_dot": "attention",
    "attn_scores": "attention",
    "attn_weights": "attention",
    "context": "value",
    "heads": "value",
    "probs": "prob",
    "logits": "prob",
}


def role_of(name: str, *, learned: bool = False) -> str:
    """Role of a tensor by its name in the trace: ``param`` for what is learned, ``hidden`` where no hue is set."""
    return "param" if learned else ROLE_OF.get(name, "hidden")
