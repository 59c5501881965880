"""What the page's own buttons and hints say."""

from __future__ import annotations

from html import escape

from tensorreel.words.text import Text

WORDS = {
    "back": Text("Back", "page"),
    "next": Text("Next", "page, button"),
    "replay": Text("Again", "page"),
    "place": Text("Place in the stage", "page"),
    "captions": Text("Captions", "page"),
    "none": Text("none", "page"),
    "map": Text("Map", "page"),
    "about": Text("About", "page"),
    "speaker": Text("Speaker view", "page"),
    "full": Text("Full screen", "page"),
    "help": Text("Keys", "page"),
    "close": Text("Close", "page"),
    "bar": Text("Lecture", "page"),
    "now": Text("Now", "page"),
    "after": Text("Next", "page, what comes"),
    "reset": Text("Start again", "page"),
    "blocked": Text("The browser blocked the speaker's window: allow pop-ups for this page.", "page"),
    "start": Text("go on; again while it moves: complete the picture", "page"),
    "script": Text("This lecture needs JavaScript.", "page"),
    "touch": Text("Tap or swipe to go on", "page"),
    "mapped": Text("Map of the lecture", "page"),
}
_KEYS = (
    ("→", "Space", Text("go on; while it moves: complete the picture", "page, keys")),
    ("←", "", Text("back, at once", "page, keys")),
    ("↓ ↑", "", Text("next stage, stage before", "page, keys")),
    ("R", "", Text("play the step again", "page, keys")),
    ("P", "", Text("pause, go on", "page, keys")),
    ("C", "", Text("captions: each language, none", "page, keys")),
    ("M", "", Text("map of the lecture", "page, keys")),
    ("I", "", Text("about this stage: formula, shapes, a question", "page, keys")),
    ("S", "", Text("speaker view with notes", "page, keys")),
    ("F", "", Text("full screen", "page, keys")),
    ("Home", "End", Text("first, last", "page, keys")),
)


def words_in(lang: str) -> dict[str, str]:
    """All of them in a language."""
    return {name: text.of(lang) for name, text in WORDS.items()}


def help_items(lang: str) -> str:
    """The list of keys as ``dt`` and ``dd``."""
    lines = []
    for first, second, text in _KEYS:
        keys = " ".join(f"<kbd>{escape(key)}</kbd>" for key in (*first.split(), second) if key)
        lines.append(f"<dt>{keys}</dt><dd>{escape(text.of(lang))}</dd>")
    return "".join(lines)
