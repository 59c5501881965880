"""The frame around every stage: the map's symbols stand apart and say the layer; captions keep clear of the stage."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tensorreel.core.stages import ARTICLE
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import CONTENT_BOTTOM, CONTENT_TOP, HEADER_Y
from tensorreel.visuals.stage.furniture import Caption, Header, wrapped
from tensorreel.visuals.stage.stagemap import MAP_Y, StageMap, map_symbol

PENS = [Pen(look, lang=lang) for look in (theme.DARK, theme.LIGHT) for lang in ("en", "ja")]


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 12])
def test_no_two_symbols_of_the_map_come_near(layers: int) -> None:
    labels = StageMap(PENS[0], ARTICLE, layers, 16, layer=layers - 1).labels
    gaps = [b.get_left()[0] - a.get_right()[0] for a, b in pairwise(labels)]
    assert min(gaps) > 0.3
    assert labels[0].get_left()[0] > -theme.SAFE_X
    assert labels[-1].get_right()[0] < theme.SAFE_X


def test_the_map_says_which_layer_runs() -> None:
    words = [m.text for m in StageMap(PENS[0], ARTICLE, 3, 12, layer=1).loop[-1]]
    assert words == ["LAYER", "2", "/", "3"]
    assert [m.text for m in StageMap(PENS[0], ARTICLE, 3, 17, layer=1).loop[-1]] == ["3", "LAYERS"]
    assert map_symbol("bold(H)^((l+1))", 3, layer=1) == "bold(H)^display((2))"


def test_the_loop_goes_back_only_where_there_is_another_layer() -> None:
    assert len(StageMap(PENS[0], ARTICLE, 2, 5).loop) == len(StageMap(PENS[0], ARTICLE, 1, 5).loop) + 1


def test_bypasses_and_loop_join_their_stations() -> None:
    map_ = StageMap(PENS[0], ARTICLE, 2, 12)
    ends = [(p.points[0][0], p.points[-1][0]) for p in map_.bypasses]
    for (start, stop), (a, b) in zip(ends, ((2, 12), (12, 15)), strict=True):
        assert start == pytest.approx(map_.x(a), abs=0.1)
        assert stop == pytest.approx(map_.x(b), abs=0.1)
    assert map_.loop_path[0][0] == pytest.approx(map_.x(15), abs=0.1)
    assert map_.loop_path[-1][0] == pytest.approx(map_.x(3), abs=0.1)
    assert map_.loop.get_bottom()[1] < map_.bypasses.get_bottom()[1] < MAP_Y


@pytest.mark.parametrize("pen", PENS, ids=lambda p: f"{p.theme.name}-{p.lang}")
def test_header_stands_between_the_map_and_the_stage(pen: Pen) -> None:
    map_ = StageMap(pen, ARTICLE, 2, 9)
    for stage in ARTICLE.stages:
        header = Header(stage, len(ARTICLE.stages), pen, {})
        assert header.get_top()[1] < map_.dots.get_bottom()[1]
        assert header.get_bottom()[1] > CONTENT_TOP
        assert header.formula.get_left()[0] > max(m.get_right()[0] for m in header[:4]) + 0.2
    assert HEADER_Y > CONTENT_TOP


@pytest.mark.parametrize("pen", PENS[:2], ids=lambda p: p.lang)
def test_two_lines_of_caption_keep_clear_of_the_stage(pen: Pen) -> None:
    words = (
        "Every head has found something about it, " * 3
        if pen.lang == "en"
        else "単語の数を、次の層へ渡す。" * 4
    )
    caption = Caption(words.strip(), pen)
    assert len(caption) == 2
    assert caption.get_top()[1] < CONTENT_BOTTOM - 0.2
    assert caption.get_bottom()[1] > -theme.SAFE_Y


@pytest.mark.parametrize(
    "lines",
    [
        [
            "マスクがないので、どの位置も全トークンを",
            "見ている。使うのは最後の行だけ。",
        ],
        [
            "次元が大きいほど、内積のばらつきは",
            "大きくなる。次元の平方根で割ってそろえる。",
        ],
        ["二つの単語を入れ替えると、Xの行は入れ替わるがPは", "変わらない。語順の違いが数に表れる。"],
        ["枠つきの行列は重み。各単語の行を", "「何を探しているか」を表すクエリに変える。"],
    ],
)
def test_a_japanese_line_ends_where_a_phrase_does(lines: list[str]) -> None:
    pen = Pen(theme.DARK, lang="ja")
    assert wrapped("".join(lines), pen, theme.SIZE_CAPTION, CONTENT.width - 0.2) == lines
