"""Who narrates, by what the user has said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tensorreel.core.errors import UsageProblem
from tensorreel.voice import espeak, piper
from tensorreel.voice.engine import Engine, Narrator
from tensorreel.voice.recordings import Recordings
from tensorreel.voice.speaking import Speaker

ENGINES: tuple[Callable[[str], Engine | None], ...] = (espeak.espeak_engine, piper.piper_engine)


def narrator_of(narration: str, folder: Path) -> Narrator:
    """The narrator of that name; ``folder`` keeps what an engine has said. ``UsageProblem`` for any other name."""
    engine = next(filter(None, (named(narration) for named in ENGINES)), None)
    if engine is not None:
        return Speaker(engine, folder)
    if Path(narration).is_dir():
        return Recordings(Path(narration))
    raise UsageProblem(
        f"narration {narration!r}, expected {espeak.NAME}, a voice of piper (FILE{piper.ENDING}) or a folder of recordings"
    )
