"""The presentation for manim-slides: its documented fields, and clips that are there in both directions.

Its own program reads it in ``test_deck_tools.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from tests.deck_parts import build, use_toys


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Toys in place of the real scenes."""
    use_toys(monkeypatch)


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray().astype(int) for frame in container.decode(video=0)]


def test_slides_and_their_clips(tmp_path: Path) -> None:
    lecture = build(tmp_path / "slides" / "Talk.json", "manim-slides", names=("query", "attn_weights"))
    deck = json.loads((tmp_path / "slides" / "Talk.json").read_text(encoding="utf-8"))
    assert set(deck) == {"slides", "resolution", "background_color"}
    assert deck["resolution"] == [320, 180]
    steps = [step for part in lecture.parts for step in part.steps]
    assert len(deck["slides"]) == len(steps) == 6
    assert [step.number for step in steps if step.loop] == [2, 2]
    for slide, step in zip(deck["slides"], steps, strict=True):
        assert slide["loop"] == step.loop
        assert step.caption("en") in slide["notes"]
        assert step.caption("ja") in slide["notes"]
        ways = [pictures(tmp_path / slide[key]) for key in ("file", "rev_file")]
        assert [len(way) for way in ways] == [step.last - step.first] * 2
        for forwards, backwards in zip(ways[0], reversed(ways[1]), strict=True):
            assert np.abs(forwards - backwards).mean() < 1.5


def test_paths_count_from_the_folder_above(tmp_path: Path) -> None:
    build(tmp_path / "a" / "slides" / "Talk.json", "manim-slides", names=("query",), loop=True, steps="stage")
    (slide,) = json.loads((tmp_path / "a" / "slides" / "Talk.json").read_text(encoding="utf-8"))["slides"]
    assert slide["file"].startswith("slides/files/Talk/03-query-01.")
    assert slide["loop"]
    assert (tmp_path / "a" / slide["file"]).is_file()
    assert sorted(p.suffix for p in (tmp_path / "a" / "slides" / "files" / "Talk").iterdir()) == [
        ".mp4",
        ".mp4",
    ]
