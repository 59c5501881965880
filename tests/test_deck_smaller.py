"""An HTML deck that has to fit: which grade is taken, that the size told is the size written, what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import pytest

from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.picture import Picture
from tensorreel.publish.deck import smaller
from tensorreel.publish.deck.smaller import ASIS, LADDER, Grade, chosen_grade, grades, spoken_grade
from tests.deck_parts import build, use_toys

HD = Picture(1280, 720, 30)


@pytest.mark.parametrize("limit", [80_000_000, 40_000_000, 20_000_000, 16_000_000, 14_000_000])
@pytest.mark.parametrize("truth", [0.8, 1.0, 1.25])
def test_the_best_that_fits_is_taken(limit: int, truth: float) -> None:
    """Also where pages are smaller or larger than those that the ladder's weights were measured on."""
    sizes = {grade: round(grade.weight * 1e6 * truth) for grade in LADDER}
    asked: list[Grade] = []

    def size_of(grade: Grade) -> int:
        asked.append(grade)
        return sizes[grade]

    grade, size = chosen_grade(limit, size_of, HD)
    assert grade == next(g for g in LADDER if sizes[g] <= limit)
    assert size == sizes[grade]
    assert len(asked) == len(set(asked)) <= 4


def test_what_cannot_fit_is_one_line_that_says_what_is_least() -> None:
    with pytest.raises(
        UsageProblem, match=r"--max-size 1000: the page has 11000000 bytes .*AV1, 854×480, 15"
    ):
        chosen_grade(1000, lambda grade: round(grade.weight * 1e6), HD)


def test_without_the_encoder_its_grades_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {g.codec for g in grades()} == {None, "H.264", "AV1"}
    monkeypatch.setattr(av, "codecs_available", {"libx264"})
    assert {g.codec for g in grades()} == {None, "H.264"}


@pytest.mark.parametrize(
    ("picture", "grade", "said"),
    [
        (HD, LADDER[0], "H.264, 1280×720, 30 frames per second"),
        (HD, LADDER[3], "H.264, 1280×720, 15 frames per second"),
        (Picture(1920, 1080, 60), LADDER[1], "H.264, 1280×720, 30 frames per second"),
        (Picture(854, 480, 15), LADDER[4], "AV1, 854×480, 15 frames per second"),
        (Picture(1280, 720, 25), LADDER[-1], "AV1, 854×480, 12 frames per second"),
        (Picture(320, 180, 10), LADDER[-1], "AV1, 320×180, 10 frames per second"),
    ],
)
def test_no_grade_is_larger_or_faster_than_the_deck(picture: Picture, grade: Grade, said: str) -> None:
    assert spoken_grade(grade, picture) == said


@pytest.mark.parametrize("one_file", [False, True])
@pytest.mark.runs
def test_the_size_that_is_told_is_the_size_that_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, one_file: bool
) -> None:
    use_toys(monkeypatch)
    page = tmp_path / "deck" / "index.html"
    build(page, "html", one_file=one_file)
    written = sum(p.stat().st_size for p in page.parent.rglob("*") if p.is_file())
    said: list[str] = []
    build(page, "html", one_file=one_file, most=written, tell=said.append)
    assert f"H.264, 320×180, 10 frames per second: {written:,} bytes of at most {written:,}" in said[0]
    assert sum(p.stat().st_size for p in page.parent.rglob("*") if p.is_file()) == written
    build(page, "html", one_file=one_file, most=written - 1, tell=said.append)
    assert sum(p.stat().st_size for p in page.parent.rglob("*") if p.is_file()) < written
    before = page.read_bytes()
    with pytest.raises(UsageProblem, match="--max-size 10000"):
        build(page, "html", one_file=one_file, most=10_000, tell=said.append)
    assert page.read_bytes() == before


@pytest.mark.parametrize("grade", [g for g in LADDER if g.codec], ids=str)
def test_films_keep_their_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, grade: Grade) -> None:
    use_toys(monkeypatch)
    lecture = build(tmp_path / "index.html", "html", names=("query",))
    (part,) = lecture.parts
    half = replace(grade, fps=5)
    clip = replace(part.clip, path=next((tmp_path / "files").glob("*.mp4")))
    lecture = replace(lecture, parts=(replace(part, clip=clip),))
    (small,) = smaller.smaller(lecture, half, tmp_path / "small", 1).parts
    assert small.steps == part.steps
    with av.open(str(small.clip.path)) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name in {"H.264": ("h264",), "AV1": ("libdav1d", "av1")}[str(grade.codec)]
        times = [float(frame.time or 0) for frame in film.decode(video=0)]
    assert times == pytest.approx([k / 5 for k in range((part.clip.frames + 1) // 2)])


def test_weights_go_down_and_the_first_is_as_it_is() -> None:
    assert LADDER[0] == ASIS
    weights = [grade.weight for grade in LADDER]
    assert weights == sorted(weights, reverse=True)
