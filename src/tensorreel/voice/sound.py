"""Sound as numbers: read from files of any format that FFmpeg knows, written as WAV, without silence at its ends."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensorreel.core.errors import InputError, file_named

Samples = NDArray[np.int16]
_SILENT = 200  # of 32768, which nobody hears


class Sound(NamedTuple):
    """One channel of samples of 16 bits, so many of them a second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


def read_sound(path: Path, rate: int | None = None) -> Sound:
    """A file's sound, all channels in one, at its own rate or at ``rate``; ``InputError`` where it has none."""
    import av

    try:
        with av.open(str(path)) as file:
            stream = file.streams.audio[0]
            shape = av.AudioResampler(format="s16", layout="mono", rate=rate or stream.rate)
            frames = [f for frame in file.decode(stream) for f in shape.resample(frame)]
            frames += shape.resample(None)
    except (OSError, ValueError, IndexError) as err:  # FFmpeg's errors are among them
        raise InputError(f"{file_named(path)}: no sound, expected a recording ({err})") from err
    parts = [frame.to_ndarray().reshape(-1) for frame in frames]
    return Sound(np.concatenate([np.zeros(0, np.int16), *parts]), rate or stream.rate)


def write_wav(sound: Sound, path: Path) -> None:
    """As WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.samples.astype("<i2").tobytes())


def trimmed(sound: Sound) -> Sound:
    """The same without silence before it and behind it."""
    heard = np.flatnonzero(np.abs(sound.samples.astype(np.int32)) > _SILENT)
    span = slice(heard[0], heard[-1] + 1) if len(heard) else slice(0)
    return sound._replace(samples=sound.samples[span])
