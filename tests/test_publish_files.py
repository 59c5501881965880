"""Every format, as other people's programs read it: FFmpeg (by PyAV), Pillow, svgelements, an XML parser."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import svgelements
from PIL import Image

from tensorreel import scenes
from tensorreel.core.engine import Trace, forward
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Clip, Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.make.backend import DEFAULT, Backend
from tensorreel.film.run.production import RunOptions, make_clips, make_film
from tensorreel.models import tiny_model
from tensorreel.publish.labelling import Labeller
from tensorreel.publish.reading import read_provenance
from tensorreel.visuals.look.options import SceneOptions

pytestmark = pytest.mark.runs
PICTURE = Picture(320, 180, 10)
PACE = 3.0
CLEAR = ("webp", "webm", "mov", "png", "svg")
TRACE = forward(tiny_model())


def orders(folder: Path, **more: Any) -> RunOptions:
    return RunOptions(2, folder / "cache", delivery=Labeller(), **more)


def job_for(form: str, folder: Path, trace: Trace = TRACE) -> Job:
    theme = "transparent" if form in CLEAR else "dark"
    options = SceneOptions(theme=theme, pace=PACE, lang="ja")
    return Job("key", trace, options, PICTURE, form, folder / f"key.{form}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def made(folder: Path) -> dict[str, Clip]:
    """A small clip of one stage in every format; the picture is that of its first beat."""
    jobs = [job_for(form, folder) for form in FORMATS]
    jobs = [replace(job, beat=FIRST) if FORMATS[job.format].still else job for job in jobs]
    return {clip.path.suffix[1:]: clip for clip in make_clips(jobs, orders=orders(folder))}


FIRST = "key"


@pytest.fixture(scope="module")
def still(made: dict[str, Clip]) -> Any:
    """The end of the first beat, [height, width, 4] RGBA, from the PNG."""
    with Image.open(made["png"].path) as image:
        return np.asarray(image.convert("RGBA")).astype(int)


def end_of_first(clip: Clip) -> int:
    """The number of the last frame of the first beat."""
    return round(clip.beats[0].end * clip.fps) - 1


def said(subtitle: Any) -> str:
    text: str = subtitle.dialogue.decode()
    return text


def pages(image: Any) -> int:
    count: int = image.n_frames
    return count


def over_white(rgba: Any) -> Any:
    share = rgba[..., 3:] / 255
    return rgba[..., :3] * share + 255 * (1 - share)


def test_an_mp4_has_both_subtitles_to_the_frame(made: dict[str, Clip]) -> None:
    clip = made["mp4"]
    with av.open(str(clip.path)) as container:
        found = {s.metadata["language"]: s for s in container.streams.subtitles}
        assert list(found) == ["jpn", "eng"]  # the film's own language first
        assert [s.codec_context.name for s in found.values()] == ["mov_text", "mov_text"]
        for tag, stream in found.items():
            container.seek(0)
            told, tick = [], Fraction(stream.time_base or 0)
            for packet in container.demux(stream):
                for subtitle in packet.decode():
                    assert packet.pts is not None
                    start = packet.pts * tick
                    times = [round(t * clip.fps) for t in (start, start + (packet.duration or 0) * tick)]
                    told.append((*times, said(subtitle)))
            wanted = {
                "jpn": [b.caption.of("ja") for b in clip.beats],
                "eng": [b.caption.of("en") for b in clip.beats],
            }[tag]
            frames = [(round(b.start * clip.fps), round(b.end * clip.fps)) for b in clip.beats]
            assert told == [(*f, text) for f, text in zip(frames, wanted, strict=True)]
    assert len(clip.beats) > 1


@pytest.mark.parametrize("langs", [("en",), ("en", "ja")])
def test_subtitles_are_those_that_were_asked_for_and_no_clip_is_made_again(
    langs: tuple[str, ...], made: dict[str, Clip], folder: Path
) -> None:
    job = replace(job_for("mp4", folder), subtitles=langs, target=folder / f"{'-'.join(langs)}.mp4")
    (clip,) = make_clips([job], orders=orders(folder, backend=replace(DEFAULT, draw=_never)))
    with av.open(str(clip.path)) as container:
        tags = [s.metadata["language"] for s in container.streams.subtitles]
        assert tags == {("en",): ["eng"], ("en", "ja"): ["jpn", "eng"]}[langs]


def _never(job: Job, progress: Any) -> Any:
    raise AssertionError(f"{job.scene} is kept")


def test_an_mp4_starts_at_once_seeks_to_its_beats_and_has_its_colours(made: dict[str, Clip]) -> None:
    clip = made["mp4"]
    data = clip.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(clip.path)) as container:
        assert container.metadata["title"] == "4. キー"
        assert "糖 尿 病 の 治療" in container.metadata["description"]
        video = container.streams.video[0]
        assert video.metadata["language"] == "jpn"
        frames = list(container.decode(video))
    assert len(frames) == clip.frames
    beats = {round(b.start * 10) for b in clip.beats} | {round(clip.beats[-1].end * 10)}
    assert beats <= {i for i, f in enumerate(frames) if f.key_frame}
    tags = {(f.color_primaries, f.color_trc, f.colorspace, f.color_range) for f in frames}
    assert tags == {(1, 1, 1, 1)}  # BT.709 three times, limited range


def test_a_gif_loops_has_one_palette_and_no_dithering(made: dict[str, Clip]) -> None:
    clip = made["gif"]
    with Image.open(clip.path) as image:
        assert image.info["loop"] == 0
        assert image.mode == "P"
        length, colours, corner = 0, set(), set()
        for i in range(pages(image)):
            image.seek(i)
            length += image.info["duration"]
            picture = np.asarray(image.convert("RGB"))
            colours |= set(map(tuple, picture.reshape(-1, 3).tolist()))
            corner |= set(map(tuple, picture[-12:, :60].reshape(-1, 3).tolist()))
    assert abs(length - 1000 * clip.frames / clip.fps) <= 100
    assert len(colours) <= 128
    assert len(corner) == 1


def test_a_webp_is_the_drawn_picture_with_its_alpha(made: dict[str, Clip], still: Any) -> None:
    clip = made["webp"]
    end = 100 * end_of_first(clip)
    with Image.open(clip.path) as image:
        assert image.info["loop"] == 0
        length, seen = 0, None
        for i in range(pages(image)):
            image.seek(i)
            picture = np.asarray(image.convert("RGBA")).astype(int)
            seen = picture if length <= end else seen
            length += image.info["duration"]
    assert abs(length - 1000 * clip.frames / clip.fps) <= 100
    assert seen is not None
    away = np.abs(over_white(seen) - over_white(still))
    # lossless; what differs is a pixel or two on the edge of what was drawn in pieces
    assert np.count_nonzero(away.max(-1) > 1) < 10
    assert away.max() < 10


def decoded(path: Path, decoder: str) -> list[Any]:
    """All frames as RGBA."""
    with av.open(str(path)) as container:
        context: Any = av.CodecContext.create(decoder, "r")
        context.extradata = container.streams.video[0].codec_context.extradata
        context.width, context.height = PICTURE.width, PICTURE.height
        found = []
        for packet in container.demux(video=0):
            found += [f.to_ndarray(format="rgba") for f in context.decode(packet if packet.size else None)]
    return found


@pytest.mark.parametrize(("form", "decoder", "away"), [("webm", "libvpx-vp9", 2.0), ("mov", "prores", 1.0)])
def test_an_overlay_has_every_frame_and_the_drawn_alpha(
    made: dict[str, Clip], still: Any, form: str, decoder: str, away: float
) -> None:
    clip = made[form]
    frames = decoded(clip.path, decoder)
    assert len(frames) == clip.frames
    seen = frames[end_of_first(clip)].astype(int)
    assert np.abs(seen[..., 3] - still[..., 3]).mean() < away
    assert np.abs(over_white(seen) - over_white(still)).mean() < away
    assert (seen[still[..., 3] == 0][:, 3] < 16).mean() > 0.99
    assert (still[..., 3] == 0).mean() > 0.5


def test_overlays_are_what_they_are_called(made: dict[str, Clip]) -> None:
    with av.open(str(made["webm"].path)) as container:
        video = container.streams.video[0]
        assert container.format.name == "matroska,webm"
        assert video.codec_context.name == "vp9"
        assert {k.lower(): v for k, v in video.metadata.items()}["alpha_mode"] == "1"
    with av.open(str(made["mov"].path)) as container:
        video = container.streams.video[0]
        frame = next(container.decode(video))
        assert (video.codec_context.name, video.codec_context.profile) == ("prores", "4444")
        assert video.codec_context.pix_fmt is not None
        assert video.codec_context.pix_fmt.startswith("yuva444p")
        assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (1, 1, 1)
    data = made["mov"].path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_png_says_what_it_shows(made: dict[str, Clip]) -> None:
    with Image.open(made["png"].path) as image:
        image.load()
        texts = dict(image.info)
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)
    assert texts["Title"] == "4. キー"
    assert texts["Description"].endswith(made["png"].beats[0].caption.of("ja"))


def test_an_svg_is_outlines_with_a_title_and_a_description(made: dict[str, Clip], still: Any) -> None:
    path = made["svg"].path
    root = ET.parse(path).getroot()
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert kinds.count("path") > 100
    assert not {"image", "text", "script"} & set(kinds)
    named = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{named}title") == "4. キー"
    assert (root.findtext(f"{named}desc") or "").endswith(made["svg"].beats[0].caption.of("ja"))
    parsed = svgelements.SVG.parse(io.StringIO(path.read_text(encoding="utf-8")))
    assert (parsed.width, parsed.height) == (320, 180)
    boxes = [e.bbox() for e in parsed.elements() if isinstance(e, svgelements.Path) and len(e)]
    left, top, right, bottom = (f(b[i] for b in boxes) for i, f in enumerate((min, min, max, max)))
    ys, xs = np.nonzero(still[..., 3])
    assert (
        np.abs(np.array([left, top, right, bottom]) - [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]).max()
        < 2
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_file_says_where_it_comes_from(made: dict[str, Clip], form: str) -> None:
    origin = read_provenance(made[form].path)
    assert (origin.model, origin.tokens, origin.format) == (TRACE.model.digest, TRACE.tokens, form)
    assert origin.picture == (320, 180, 10)
    assert origin.options["lang"] == "ja"
    (shot,) = origin.shots
    assert (shot.scene, shot.frames) == ("key", made[form].frames)
    assert {"hidden/0/", "W_K/0/0", "key/0/0"} <= set(shot.shown)


def never(job: Job, progress: Any) -> Any:
    raise AssertionError("nothing should be drawn")


def test_what_has_not_changed_is_neither_drawn_nor_written(folder: Path, made: dict[str, Clip]) -> None:
    before = {form: clip.path.stat() for form, clip in made.items()}
    jobs = [job_for(form, folder) for form in FORMATS]
    jobs = [replace(job, beat=FIRST) if FORMATS[job.format].still else job for job in jobs]
    again = make_clips(jobs, orders=orders(folder, backend=Backend(draw=never)))
    assert [c.frames for c in again] == [made[j.format].frames for j in jobs]
    for clip in again:
        now = clip.path.stat()
        assert (now.st_ino, now.st_mtime_ns) == (
            before[clip.path.suffix[1:]].st_ino,
            before[clip.path.suffix[1:]].st_mtime_ns,
        )


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_clip_is_handed_out_as_the_same_bytes(
    folder: Path, made: dict[str, Clip], tmp_path: Path, form: str
) -> None:
    job = replace(job_for(form, tmp_path), beat=FIRST if form in ("png", "svg") else None)
    (again,) = make_clips([job], orders=orders(folder, backend=Backend(draw=never)))
    assert again.path.read_bytes() == made[form].path.read_bytes()


def nudged(name: str, by: float) -> Trace:
    """The tiny model's trace with one weight moved."""
    model = tiny_model()
    params = {key: value.copy() for key, value in model.params.items()}
    params[name].flat[0] += by
    return forward(replace(model, params=params))


def test_a_weight_that_is_not_seen_changes_what_the_file_says_and_no_picture(
    folder: Path, made: dict[str, Clip], tmp_path: Path
) -> None:
    trace = nudged("layers.0.W_1", 0.5)
    forms: Sequence[str] = ("mp4", "gif", "webm")
    jobs = [job_for(form, tmp_path, trace) for form in forms]
    for clip in make_clips(jobs, orders=orders(folder, backend=Backend(draw=never))):
        origin, old = read_provenance(clip.path), read_provenance(made[clip.path.suffix[1:]].path)
        assert origin.model == trace.model.digest != old.model
        assert origin.shots == old.shots
    packets = []
    for path in (made["mp4"].path, tmp_path / "key.mp4"):
        with av.open(str(path)) as container:
            packets.append([bytes(p) for p in container.demux(video=0) if p.size])
    assert packets[0] == packets[1]


def test_the_film_keeps_everything(folder: Path, made: dict[str, Clip], tmp_path: Path) -> None:
    like = job_for("mp4", folder)
    jobs = [replace(like, scene=name) for name in ("key", "value")]
    target = tmp_path / "film.mp4"
    frames = make_film(jobs, target, orders=orders(folder))
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(target), options={"err_detect": "explode"}) as container:
        assert container.metadata["title"] == "数字で見るTransformer"
        chapters = [c["metadata"]["title"] for c in container.chapters()]
        assert chapters == ["4. キー", "5. バリュー"]
        starts = [round(c["start"] * Fraction(c["time_base"] or 0) * 10) for c in container.chapters()]
        assert starts[0] == 0 < starts[1] < made["mp4"].frames  # in a film a stage does not leave by itself
        assert [s.metadata["language"] for s in container.streams.subtitles] == ["jpn", "eng"]
        texts = []
        for packet in container.demux(container.streams.subtitles[0]):
            for subtitle in packet.decode():
                at = round((packet.pts or 0) * Fraction(packet.time_base or 0) * 10)
                texts.append((at, said(subtitle)))
        container.seek(0)
        decoded = list(container.decode(video=0))
    assert len(decoded) == frames > made["mp4"].frames
    own = [(round(b.start * 10), b.caption.of("ja")) for b in made["mp4"].beats]
    assert texts[: len(own)] == own
    assert texts[len(own)][0] == starts[1]
    keys = {i for i, f in enumerate(decoded) if f.key_frame}
    assert {at for at, _ in texts} <= keys
    origin = read_provenance(target)
    assert [s.scene for s in origin.shots] == ["key", "value"]
    assert sum(s.frames for s in origin.shots) == frames


def test_a_file_whose_pictures_are_not_those_that_were_made_is_not_handed_out(
    folder: Path, made: dict[str, Clip], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tensorreel.film.job.job import ClipError
    from tensorreel.publish import mux

    digests = iter(["one", "another"])
    monkeypatch.setattr(mux, "packets_digest", lambda path: next(digests))
    with pytest.raises(ClipError, match="not those of the clip"):
        make_clips([job_for("mp4", tmp_path)], orders=orders(folder))
    assert not list(tmp_path.iterdir())


def test_the_text_of_a_provenance_is_a_line_for_people_and_one_of_json(made: dict[str, Clip]) -> None:
    with av.open(str(made["mp4"].path)) as container:
        people, _, programs = container.metadata["comment"].partition("\n")
    assert people.startswith("Made by tensorreel ")
    assert people.endswith("糖 尿 病 の 治療")
    assert str(Path.home()) not in programs
    assert set(json.loads(programs)) == {"tensorreel"}


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["dark", "transparent"])
def test_no_poster_is_empty_and_each_is_the_end_of_a_beat(tmp_path: Path, theme: str) -> None:
    options = SceneOptions(theme=theme)
    like = Job("", TRACE, options, PICTURE, "png", tmp_path)
    jobs = [replace(like, scene=name, target=tmp_path / f"{name}.png") for name in scenes.film()]
    seen = set()
    for clip in make_clips(jobs, orders=orders(tmp_path)):
        assert len(clip.beats) == 1
        with Image.open(clip.path) as image:
            picture = np.asarray(image.convert("RGBA"))
        assert (picture != picture[0, 0]).any(-1).mean() > 0.02
        seen.add(picture.tobytes())
    assert len(seen) == len(jobs)


@pytest.mark.slow
def test_the_whole_film_has_a_chapter_a_subtitle_and_a_key_frame_for_all_that_it_shows(
    tmp_path: Path,
) -> None:
    options = SceneOptions(lang="ja", pace=4.0)
    like = Job("", TRACE, options, PICTURE, "mp4", tmp_path)
    target = tmp_path / "film.mp4"
    frames = make_film([replace(like, scene=name) for name in scenes.film()], target, orders=orders(tmp_path))
    with av.open(str(target), options={"err_detect": "explode"}) as container:
        titles = [c["metadata"]["title"] for c in container.chapters()]
        stages = [f"{s.number}. {s.title.of('ja')}" for s in ARTICLE.stages]
        assert titles == ["はじめに", *stages, "なぜこの単語か", "まとめ"]
        stream = container.streams.subtitles[0]
        packets = [p for p in container.demux(stream) if p.size > 2]
        told = {round((p.pts or 0) * Fraction(p.time_base or 0) * PICTURE.fps) for p in packets}
    with av.open(str(target)) as container:
        shown = list(container.decode(video=0))
        keys = {i for i, f in enumerate(shown) if f.key_frame}
    assert len(shown) == frames
    assert len(told) > 80
    assert {s.scene for s in read_provenance(target).shots} == set(scenes.film())
    assert told <= keys
