"""The encoder: every frame is there, holds repeat exactly, colours are BT.709."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tensorreel.film.draw import native
from tensorreel.film.draw.changed_blocks import Hints, rectangles
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.draw.yuv_frame import KeptFrame, planes
from tensorreel.film.encode.encoder import ClipEncoder
from tensorreel.film.encode.filesink import BT709, LIMITED
from tensorreel.film.encode.h264_hold import HoldWriter, Unsuited
from tensorreel.film.encode.probe import check_mp4, count_frames
from tensorreel.film.job.picture import QUALITIES, Picture

SMALL = Picture(320, 180, 30)


def moving_square(encoder: Any, picture: Picture, plan: list[int], cuts: tuple[int, ...] = ()) -> list[Any]:
    """Show a square that steps to the right; ``plan`` is how often each picture repeats. Returns every frame."""
    pixels = np.full((picture.height, picture.width, 4), 255, np.uint8)
    pixels[..., :3] = 16, 20, 27
    tiles = Tiles(picture.width, picture.height, picture.tile)
    tiles.fill()
    shown = []
    for i, repeat in enumerate(plan):
        if i in cuts:
            encoder.cut()
        pixels[40:80, :, :3] = 16, 20, 27
        pixels[40:80, 4 * i : 4 * i + 40, :3] = 240, 120, 30
        encoder.show(pixels, tiles, repeat)
        shown += [pixels.copy()] * repeat
        tiles.clear()
        tiles.mark(np.array([[4.0 * i, 40, 4 * i + 48, 80]]))
    return shown


def encoded(path: Path, plan: list[int], cuts: tuple[int, ...] = (), plain: bool = False) -> list[Any]:
    """Write a clip; ``plain`` without skips. Returns the frames that went in."""
    with ClipEncoder(path, SMALL) as encoder:
        if plain:
            encoder._skips = False
        shown = moving_square(encoder, SMALL, plan, cuts)
    assert encoder.frames == sum(plan)
    return shown


def decoded(path: Path) -> list[Any]:
    """All frames as RGB, by a decoder that accepts no error."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        return [
            f.to_ndarray(format="rgb24", dst_colorspace="ITU709").astype(int)
            for f in container.decode(video=0)
        ]


PLAN = [3, 1, 1, 40, 1, 1, 1, 90, 1, 5, 1, 1, 1, 1, 1, 17, 1, 30]


def test_every_frame_is_there_and_looks_as_drawn(tmp_path: Path) -> None:
    shown = encoded(tmp_path / "a.mp4", PLAN, cuts=(4, 9))
    frames = decoded(tmp_path / "a.mp4")
    assert len(frames) == len(shown) == count_frames(tmp_path / "a.mp4")
    for new, old in zip(frames, shown, strict=True):
        assert np.abs(new - old[..., :3]).mean() < 1.5


def test_holds_repeat_the_picture_exactly(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", PLAN)
    frames = decoded(tmp_path / "a.mp4")
    at = 0
    for repeat in PLAN:
        for i in range(at + 1, at + repeat):
            assert np.array_equal(frames[i], frames[at])
        at += repeat


def test_holds_cost_next_to_nothing(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", [1, 1])
    encoded(tmp_path / "b.mp4", [1, 1000])
    assert (tmp_path / "b.mp4").stat().st_size - (tmp_path / "a.mp4").stat().st_size < 1000 * 40


def faded(path: Path, held: int) -> int:
    """Levels by which luma is off at most, after a square has faded into the ground, shown ``held`` frames."""
    pixels, tiles = np.full((180, 320, 4), 255, np.uint8), Tiles(320, 180, SMALL.tile)
    tiles.fill()
    with ClipEncoder(path, SMALL) as encoder:
        for step in range(40, -1, -1):
            pixels[..., :3] = 16, 20, 27
            pixels[30:120, 40:200, :3] = np.array((16, 20, 27)) + np.array((224, 100, 3)) * step // 40
            encoder.show(pixels, tiles, 1 if step else held)
    with av.open(str(path)) as container:
        luma = planes(list(container.decode(video=0))[-1])[0].astype(int)
    return int(np.abs(luma - planes(encoder._kept.frame)[0]).max())


def test_a_held_picture_is_the_drawn_one(tmp_path: Path) -> None:
    """A fade leaves residues behind; where the picture then stands still at most a level is left."""
    assert faded(tmp_path / "short.mp4", 11) > faded(tmp_path / "held.mp4", 12)
    assert faded(tmp_path / "held.mp4", 12) <= 1


def test_a_hold_that_follows_a_key_frame_needs_none(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", [30, 1, 30], cuts=(2,))
    with av.open(str(tmp_path / "a.mp4")) as container:
        keys = [i for i, p in enumerate(p for p in container.demux(video=0) if p.size) if p.is_keyframe]
    assert keys == [0, 31]


def test_key_frames_stand_at_the_cuts(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", [10, 10, 5, 5], cuts=(2, 3))
    with av.open(str(tmp_path / "a.mp4")) as container:
        keys = [i for i, p in enumerate(p for p in container.demux(video=0) if p.size) if p.is_keyframe]
    assert keys == [0, 20, 25]


def test_a_cut_is_kept_when_nothing_moves(tmp_path: Path) -> None:
    with ClipEncoder(tmp_path / "a.mp4", SMALL) as encoder:
        pixels, tiles = np.zeros((180, 320, 4), np.uint8), Tiles(320, 180, SMALL.tile)
        tiles.fill()
        encoder.show(pixels, tiles, 5)
        tiles.clear()
        encoder.cut()
        encoder.show(pixels, tiles, 5)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [f.key_frame for f in container.decode(video=0)] == [True] + [False] * 4 + [True] + [False] * 4


def test_without_skips_the_clip_has_the_same_frames(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", PLAN)
    encoded(tmp_path / "b.mp4", PLAN, plain=True)
    a, b = decoded(tmp_path / "a.mp4"), decoded(tmp_path / "b.mp4")
    assert len(a) == len(b)
    assert max(np.abs(x - y).mean() for x, y in zip(a, b, strict=True)) < 1


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", PLAN)
    encoded(tmp_path / "b.mp4", PLAN)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_colour_tags(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", [2])
    check_mp4(tmp_path / "a.mp4", SMALL, 2)
    with av.open(str(tmp_path / "a.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range) == (
        1,
        1,
        BT709,
        LIMITED,
    )


def test_the_index_comes_first(tmp_path: Path) -> None:
    encoded(tmp_path / "a.mp4", [2])
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (16, 20, 27)]
)
def test_conversion_is_bt709(colour: tuple[int, int, int]) -> None:
    kept, tiles = KeptFrame(64, 64), Tiles(64, 64, 32)
    pixels = np.full((64, 64, 4), (*colour, 255), np.uint8)
    tiles.fill()
    kept.patch(pixels, tiles)
    r, g, b = (c / 255 for c in colour)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    expected = 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748
    for plane, value in zip(planes(kept.frame), expected, strict=True):
        assert abs(int(plane[5, 5]) - value) <= 1


def test_a_short_file_is_noticed(tmp_path: Path) -> None:
    from tensorreel.film.job.job import ClipError

    encoded(tmp_path / "a.mp4", [3])
    with pytest.raises(ClipError, match=r"3 frames of .* expected 4"):
        check_mp4(tmp_path / "a.mp4", SMALL, 4)


@pytest.mark.parametrize("headers", [b"", b"\0\0\0\1\x67\x64\x00", b"junk"])
def test_foreign_headers_are_refused(headers: bytes) -> None:
    with pytest.raises(Unsuited):
        HoldWriter(headers)


@pytest.mark.parametrize(
    ("width", "height", "fps"), [(321, 180, 10), (320, 181, 10), (0, 0, 10), (2, 2, 0), (2, 2, 999)]
)
def test_odd_sides_are_refused(width: int, height: int, fps: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Picture(width, height, fps)


def test_tiles_divide_the_usual_sizes() -> None:
    for name, picture in QUALITIES.items():
        assert picture.tile % 2 == 0
        assert name == "l" or (picture.width % picture.tile, picture.height % picture.tile) == (0, 0)


def test_without_hints_the_clip_has_the_same_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded(tmp_path / "a.mp4", PLAN)
    monkeypatch.setattr(Hints, "of", lambda frame: None)
    encoded(tmp_path / "b.mp4", PLAN)
    a, b = decoded(tmp_path / "a.mp4"), decoded(tmp_path / "b.mp4")
    assert len(a) == len(b)
    assert max(np.abs(x - y).mean() for x, y in zip(a, b, strict=True)) < 1


def test_hints_are_a_libraries_own_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AVFrame that is not where it is looked for is not written to."""
    frame = av.VideoFrame(64, 64, "yuv420p")
    assert Hints.of(frame) is not None
    monkeypatch.setattr("tensorreel.film.draw.changed_blocks._POINTER", object.__basicsize__)
    assert Hints.of(frame) is None


def test_rectangles_cover_what_is_set_and_nothing_else() -> None:
    blocks = np.random.default_rng(7).random((9, 14)) < 0.4
    painted = np.zeros((9 * 16, 14 * 16), dtype=int)
    for x, y, w, h in rectangles(blocks, 16).tolist():
        painted[y : y + h, x : x + w] += 1
    assert np.array_equal(painted, blocks.repeat(16, 0).repeat(16, 1))


def test_a_full_and_an_empty_grid_have_their_rectangles() -> None:
    assert rectangles(np.zeros((3, 4), bool), 16).tolist() == []
    assert rectangles(np.ones((2, 3), bool), 16).tolist() == [[0, 0, 48, 16], [0, 16, 48, 16]]


@pytest.mark.skipif(native.kernel is None, reason="no kernel was built here")
@pytest.mark.parametrize(("width", "height", "size"), [(320, 180, 20), (97, 55, 34)])
def test_kernel_copies_the_set_tiles_and_nothing_else(width: int, height: int, size: int) -> None:
    random = np.random.default_rng(5)
    old, new = random.integers(0, 256, (2, height, width, 4), dtype=np.uint8)
    tiles = Tiles(width, height, size)
    tiles.grid[:] = random.random(tiles.grid.shape) < 0.5
    wanted = np.where(tiles.grid.repeat(size, 0).repeat(size, 1)[:height, :width, None], new, old)
    native.kernel.copy(old, new, tiles.grid, size)
    assert np.array_equal(old, wanted)
    with pytest.raises(ValueError, match="another kind"):
        native.kernel.copy(old, new[1:], tiles.grid, size)


@pytest.mark.skipif(native.kernel is None, reason="no kernel was built here")
@pytest.mark.parametrize(("width", "height", "size"), [(320, 180, 20), (854, 480, 40), (98, 54, 34)])
def test_kernel_converts_as_numpy_does(width: int, height: int, size: int) -> None:
    random = np.random.default_rng(3)
    quick, plain = KeptFrame(width, height), KeptFrame(width, height)
    for _ in range(4):
        pixels = random.integers(0, 256, (height, width, 4), dtype=np.uint8)
        tiles = Tiles(width, height, size)
        tiles.grid[:] = random.random(tiles.grid.shape) < 0.5
        quick.settle()
        plain.settle()
        quick.patch(pixels, tiles)
        with native.without():
            plain.patch(pixels, tiles)
        for a, b in zip((*quick.planes, quick.changed), (*plain.planes, plain.changed), strict=True):
            assert np.array_equal(a, b)
