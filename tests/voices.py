"""A voice for the tests: a tone for each letter of a sentence, with silence around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from tensorreel.voice.sound import Samples, Sound, write_wav

RATE = 8000
LETTER = 0.05  # seconds


def tone(seconds: float, rate: int = RATE) -> Samples:
    """A sound of so many seconds that nobody takes for silence."""
    return (8000 * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 440 / rate) + 8000).astype(np.int16)


@dataclass
class Beeper:
    """An engine whose sentences are as long as they are written."""

    identity: str = "beeper 1"
    said: list[str] = field(default_factory=list)

    def say(self, text: str, lang: str) -> Sound:
        """The tone of a sentence."""
        self.said.append(text)
        still = np.zeros(RATE // 10, np.int16)
        return Sound(np.concatenate([still, tone(LETTER * len(text)), still]), RATE)


def recorded(path: Path, seconds: float) -> Path:
    """A recording of so many seconds."""
    write_wav(Sound(tone(seconds), RATE), path)
    return path


def heard(path: Path) -> tuple[Samples, Any]:
    """The sound of a film at 48 kHz, from its first moment, and what is said of its stream."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        told = dict(stream.metadata) | {"codec": stream.codec_context.name}
        shape = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        frames = [f for frame in container.decode(stream) for f in shape.resample(frame)]
        frames += shape.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]), told


def begins(track: Samples, at: float, within: float = 0.03) -> bool:
    """Whether it is silent before a moment, and not after it."""
    now, near = round(at * 48_000), round(within * 48_000)
    before, after = track[max(now - 4 * near, 0) : max(now - near, 0)], track[now + near : now + 4 * near]
    return int(np.abs(before.astype(int)).max(initial=0)) < 600 < int(np.abs(after.astype(int)).max())
