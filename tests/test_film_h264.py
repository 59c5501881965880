"""Our H.264 coder: a decoder that accepts no error sees, to the bit, what the coder thinks it sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from tensorreel.film import h264, native
from tensorreel.film.encoder import ClipEncoder
from tensorreel.film.kept import planes
from tensorreel.film.picture import Picture

pytestmark = pytest.mark.skipif(native.coder is None, reason="no coder was built here")
Planes = list[npt.NDArray[np.uint8]]
SMALL = Picture(194, 102, 30)  # neither side a multiple of a macroblock's


def noise(now: Planes, random: np.random.Generator) -> None:
    """A rectangle of noise: large levels, every mode."""
    y, x = (2 * int(n) for n in random.integers(0, 20, 2))
    for i, plane in enumerate(now):
        half = 2 if i else 1
        part = plane[y // half : y // half + 36 // half, x // half : x // half + 60 // half]
        part[:] = random.integers(0, 256, part.shape)


def shift(now: Planes, random: np.random.Generator) -> None:
    """All moves, by whole and half pixels of chroma."""
    dy, dx = (int(n) for n in random.integers(-9, 10, 2))
    for i, plane in enumerate(now):
        plane[:] = np.roll(plane, (dy // 2, dx // 2) if i else (dy, dx), (0, 1))


def between(now: Planes, random: np.random.Generator) -> None:
    """Half a pixel to the right: vectors between pixels."""
    luma = now[0].astype(int)
    now[0][:] = (luma + np.roll(luma, 1, 1) + 1) // 2


def slope(now: Planes, random: np.random.Generator) -> None:
    """Flanks in all directions."""
    height, width = now[0].shape
    turn = float(random.uniform(0, np.pi))
    flank = np.add.outer(np.sin(turn) * np.arange(height), np.cos(turn) * np.arange(width))
    now[0][:] = np.where(flank % 31 < 15, 220, now[0] // 2)


def fade(now: Planes, random: np.random.Generator) -> None:
    """Small differences, in part of the picture."""
    for plane in now:
        part = plane[: plane.shape[0] // 2]
        part[:] = np.clip(part + random.integers(-6, 7, part.shape), 0, 255)


def story(frames: int) -> Iterator[tuple[int, Planes]]:
    """Numbered pictures, each made of the one before."""
    random = np.random.default_rng(11)
    now = [np.full((SMALL.height // half, SMALL.width // half), 90, np.uint8) for half in (1, 2, 2)]
    for i in range(frames):
        (noise, shift, between, slope, fade)[i // 3 % 5](now, random)
        yield i, now


def put(encoder: ClipEncoder, now: Planes) -> None:
    """Make ``now`` the kept frame; what changed is noted."""
    for i, plane in enumerate(now):
        encoder._kept._put(i, 0, 0, plane)


def decoded(path: Path) -> list[Planes]:
    """Y, U and V of all frames, by a decoder that accepts no error."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        return [[p.copy() for p in planes(f)] for f in container.decode(video=0)]


@pytest.mark.parametrize(("key", "moving"), [(10, 10), (19, 22), (30, 33), (45, 51)])
def test_a_decoder_sees_what_the_coder_thinks(
    key: int, moving: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(h264, "KEY", key)
    monkeypatch.setattr(h264, "MOVING", moving)
    monkeypatch.setattr(h264, "CROWDED", ())
    thought: list[Planes] = []
    with ClipEncoder(tmp_path / "a.mp4", SMALL) as encoder:
        assert encoder._coder is not None
        for i, now in story(40):
            if i in (17, 18):
                encoder.cut()
            put(encoder, now)
            encoder._encode()
            thought.append([p.copy() for p in encoder._coder.seen()])
            if i % 7 == 3:
                encoder._repeat(2)
                thought += [thought[-1]] * 2
    found = decoded(tmp_path / "a.mp4")
    assert len(found) == len(thought)
    for frame, (got, wanted) in enumerate(zip(found, thought, strict=True)):
        assert all(np.array_equal(a, b) for a, b in zip(got, wanted, strict=True)), f"frame {frame}"


def test_the_finest_quantiser_shows_what_went_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "MOVING"):
        monkeypatch.setattr(h264, name, 10)
    monkeypatch.setattr(h264, "CROWDED", ())
    drawn: list[Planes] = []
    with ClipEncoder(tmp_path / "a.mp4", SMALL) as encoder:
        for _, now in story(30):
            put(encoder, now)
            encoder._encode()
            drawn.append([p.copy() for p in now])
    for got, wanted in zip(decoded(tmp_path / "a.mp4"), drawn, strict=True):
        for a, b in zip(got, wanted, strict=True):
            assert np.abs(a.astype(int) - b).max() <= 8


def test_what_is_not_marked_is_not_looked_at(tmp_path: Path) -> None:
    """The work goes with what changed: a change that nobody noted stays unseen."""
    with ClipEncoder(tmp_path / "a.mp4", SMALL) as encoder:
        encoder._encode()
        encoder._kept.planes[0][0:16, 0:16] = 200
        encoder._kept.planes[0][32:48, 32:48] = 200
        encoder._kept.changed[2, 2] = True
        encoder._encode()
    luma = decoded(tmp_path / "a.mp4")[1][0]
    assert abs(int(luma[40, 40]) - 200) < 4
    assert luma[8, 8] < 20


def test_pictures_of_another_shape_are_refused() -> None:
    state = native.coder.coder(64, 32)
    luma, chroma, changed = np.zeros((32, 64), np.uint8), np.zeros((16, 32), np.uint8), np.zeros((2, 4), bool)
    assert native.coder.code(state, luma, chroma, chroma, changed, True, 1, 8, 20)
    for wrong in (
        (luma.T, chroma, chroma, changed, True, 1, 8, 20),
        (luma, luma, chroma, changed, True, 1, 8, 20),
        (luma, chroma, chroma, np.zeros((2, 5), bool), True, 1, 8, 20),
        (luma, chroma, chroma, changed, True, 1, 8, 52),
        (luma, chroma, chroma, changed, True, 1, 0, 20),
    ):
        with pytest.raises(ValueError, match=r"array|range"):
            native.coder.code(state, *wrong)
    for sides in ((63, 32), (64, 0), (20000, 32)):
        with pytest.raises(ValueError, match="even"):
            native.coder.coder(*sides)


def test_without_the_coder_the_clip_has_the_same_frames(tmp_path: Path) -> None:
    for name in ("a", "b"):
        if name == "b":
            with native.without(), ClipEncoder(tmp_path / "b.mp4", SMALL) as encoder:
                assert encoder._coder is None
                write(encoder)
        else:
            with ClipEncoder(tmp_path / "a.mp4", SMALL) as encoder:
                write(encoder)
    ours, theirs = decoded(tmp_path / "a.mp4"), decoded(tmp_path / "b.mp4")
    assert len(ours) == len(theirs) == 9
    for got, wanted in zip(ours, theirs, strict=True):
        assert np.abs(got[0].astype(int) - wanted[0]).mean() < 2


def write(encoder: ClipEncoder) -> None:
    """Six pictures, the fourth of them four times."""
    for i, now in story(6):
        put(encoder, now)
        encoder._encode()
        if i == 3:
            encoder._repeat(3)
