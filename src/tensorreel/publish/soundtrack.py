"""The sound of a narrated clip or film: each sentence where its beat begins, and silence between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tensorreel.film.run.delivery import Made
from tensorreel.publish.subtitles import film_cues
from tensorreel.voice.sound import Samples, read_sound

RATE, BIT_RATE = 48_000, "96k"
_BLOCK = 1024  # samples to a frame, before the encoder makes its own


class Placed(NamedTuple):
    """A sentence's sound: when it begins, in seconds, its file and the digest of that."""

    start: float
    sound: Path
    digest: str


def said_in(made: Sequence[Made]) -> list[Placed]:
    """What is said in a clip, or in several that are joined; nothing where nobody speaks."""
    cues = film_cues([m.clip for m in made])
    said = [utterance for m in made for utterance in m.job.speech]
    if not said:
        return []
    return [Placed(cue.start, u.sound, u.digest) for cue, u in zip(cues, said, strict=True) if u.sound]


def samples(said: Sequence[Placed], seconds: float) -> Samples:
    """All of it in one, for so many seconds."""
    track = np.zeros(round(seconds * RATE), np.int16)
    for sentence in said:
        sound = read_sound(sentence.sound, RATE).samples
        at = round(sentence.start * RATE)
        track[at : at + len(sound)] = sound[: max(len(track) - at, 0)]
    return track


class Soundtrack(NamedTuple):
    """Samples, and what codes them."""

    codec: str
    samples: Samples

    def stream(self, out: Any, language: str) -> Any:
        """A stream for it in a container that is being written."""
        stream = out.add_stream(
            self.codec, rate=RATE, layout="mono", options={"flags": "+bitexact", "b": BIT_RATE}
        )
        stream.time_base = Fraction(1, RATE)
        stream.metadata.update(language=language)
        return stream

    def packets(self, stream: Any) -> Iterator[Any]:
        """It, coded, piece by piece."""
        import av

        fitted = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=RATE)
        for at in range(0, len(self.samples), _BLOCK):
            frame = av.AudioFrame.from_ndarray(
                self.samples[None, at : at + _BLOCK], format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            for part in fitted.resample(frame):
                yield from stream.encode(part)
        yield from stream.encode(None)
