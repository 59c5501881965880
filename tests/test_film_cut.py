"""Pieces of clips, forwards and backwards: the right pictures, nothing encoded twice, valid for any decoder."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from tensorreel.core.engine import forward
from tensorreel.film.encode.cut import cut
from tensorreel.film.encode.reverse import reverse
from tensorreel.film.job.job import Clip, ClipError, Job
from tensorreel.film.make.clip import make
from tensorreel.models import tiny_model
from tensorreel.visuals.look.options import SceneOptions
from tests.deck_parts import PICTURE, use_toys

Frames = list[npt.NDArray[np.uint8]]


def decoded(path: Path) -> Frames:
    """All pictures as luma and chroma; every error of the stream is one of the test."""
    with av.open(str(path), options={"err_detect": "explode"}) as container:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]


def packets(path: Path) -> list[tuple[int, bool, bytes]]:
    """Place, key or not, and bytes of every picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = [(p.pts, p.is_keyframe, bytes(p)) for p in container.demux(stream) if p.size]
        step = round(1 / PICTURE.fps / (stream.time_base or 1))
    return [(int(pts or 0) // step, key, data) for pts, key, data in found]


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clip:
    """A toy's clip: three beats and the way out."""
    use_toys(monkeypatch)
    model = tiny_model()
    return make(
        Job("query", forward(model, model.tokens), SceneOptions(), PICTURE, "mp4", tmp_path / "query.mp4")
    )


def ends(clip: Clip) -> list[int]:
    """The frames behind the beats."""
    return [round(cue.end * clip.fps) for cue in clip.beats]


def test_every_beat_can_be_cut_out(clip: Clip, tmp_path: Path) -> None:
    whole, raw = decoded(clip.path), packets(clip.path)
    starts = [0, *ends(clip)[:-1]]
    for start, end in zip(starts, ends(clip), strict=True):
        piece = tmp_path / "piece.mp4"
        cut(clip, start, end, piece)
        assert all((a == b).all() for a, b in zip(decoded(piece), whole[start:end], strict=True)), (
            "other pictures"
        )
        assert packets(piece) == [(place - start, key, data) for place, key, data in raw[start:end]]
        assert packets(piece)[0][1]


def test_holds_that_are_cut_are_still_holds(clip: Clip, tmp_path: Path) -> None:
    """The hold at a beat's end is made of pictures of a few bytes that say "as before"."""
    piece = tmp_path / "piece.mp4"
    cut(clip, ends(clip)[0], ends(clip)[1], piece)
    tail = packets(piece)[-5:]
    assert all(len(data) < 40 for _, _, data in tail)
    pictures = decoded(piece)
    assert (pictures[-1] == pictures[-5]).all()
    assert (pictures[-1] != pictures[0]).any()


def test_a_piece_may_end_within_a_beat_but_not_begin_there(clip: Clip, tmp_path: Path) -> None:
    cut(clip, 0, 7, tmp_path / "a.mp4")
    assert len(decoded(tmp_path / "a.mp4")) == 7
    with pytest.raises(ClipError, match="no key frame"):
        cut(clip, 3, 7, tmp_path / "b.mp4")


def test_missing_frames_are_noticed(clip: Clip, tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="expected"):
        cut(clip, ends(clip)[-1], clip.frames + 5, tmp_path / "a.mp4")


def test_the_index_stands_in_front(clip: Clip, tmp_path: Path) -> None:
    cut(clip, 0, ends(clip)[0], tmp_path / "a.mp4")
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_backwards_shows_the_same_pictures(clip: Clip, tmp_path: Path) -> None:
    whole = decoded(clip.path)
    for start, end in ((0, ends(clip)[1]), (ends(clip)[1], ends(clip)[2])):
        target = tmp_path / "back.mp4"
        reverse(clip, start, end, target, PICTURE)
        back = decoded(target)
        assert len(back) == end - start
        for ours, theirs in zip(back, reversed(whole[start:end]), strict=True):
            assert np.abs(ours.astype(int) - theirs.astype(int)).mean() < 1.5
        assert packets(target)[0][1]
        assert sum(len(data) < 40 for _, _, data in packets(target)) > 5, "holds cost nothing here either"
