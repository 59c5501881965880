"""Does a file still show what a model computes? By what is seen, from inside and from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from tensorreel.cli import main
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import Differs, InputError
from tensorreel.film.job.job import Job, Progress
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep.fingerprint import Fingerprints
from tensorreel.film.make.backend import Noted, dry_play
from tensorreel.film.run.contents import one_take
from tensorreel.film.run.production import RunOptions, make_clips
from tensorreel.models import tiny_model
from tensorreel.publish.labelling import Labeller
from tensorreel.publish.provenance import CODE, Provenance, Shot, parsed
from tensorreel.publish.reading import read_provenance
from tensorreel.publish.verifying import BETWEEN, SENTENCE, Look, verdicts_on
from tensorreel.visuals.look.options import SceneOptions
from tests import badfiles
from tests.model_files import to_toml

TINY = tiny_model()
TRACE = forward(TINY)


def moved(name: str, by: float) -> Trace:
    """The tiny model with one weight moved."""
    params = {key: value.copy() for key, value in TINY.params.items()}
    params[name].flat[0] += by
    return forward(replace(TINY, params=params))


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PNG of the values stage."""
    folder = tmp_path_factory.mktemp("verify")
    job = Job("value", TRACE, SceneOptions(), Picture(320, 180, 10), "png", folder / "value.png")
    make_clips([job], orders=RunOptions(1, folder / "cache", delivery=Labeller()))
    return job.target


@pytest.fixture
def origin(picture: Path) -> Provenance:
    return read_provenance(picture)


def seeing(view: str) -> Any:
    """A dry play that saw a view."""
    return lambda job, progress: Noted(view, ())


def test_a_checkpoint_is_read_again_with_what_was_stated_of_it(picture: Path, tmp_path: Path) -> None:
    """By options, and by the file beside it."""
    facts = {k: json.dumps(getattr(TINY, k)) for k in ("words", "glosses", "readings", "tokens")}
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.pytorch(), facts))
    asked = ["verify", str(picture), "--model", str(tmp_path / "m")]
    assert isinstance(CliRunner().invoke(main, asked, standalone_mode=False).exception, InputError)
    given = CliRunner().invoke(main, [*asked, *badfiles.OPTIONS])
    assert given.output == "value: matches\n"
    lines = [
        f"{k} = {v if k in ('n_heads', 'eps', 'causal') else json.dumps(v)}" for k, v in badfiles.SAID.items()
    ]
    (tmp_path / "m.toml").write_text("\n".join(lines))
    assert CliRunner().invoke(main, asked).output == "value: matches\n"


def test_the_model_that_it_was_made_from_matches_without_a_play(origin: Provenance) -> None:
    (verdict,) = verdicts_on(origin, TRACE, look=seeing("none"))
    assert (verdict.scene, verdict.matches) == ("value", True)


def test_a_weight_of_another_stage_matches_after_a_real_play(origin: Provenance) -> None:
    (verdict,) = verdicts_on(origin, moved("layers.0.W_1", 0.5))
    assert verdict.matches


def test_another_digit_differs_and_is_named(origin: Provenance) -> None:
    (verdict,) = verdicts_on(origin, moved("layers.0.W_V", 0.1), look=seeing(origin.shots[0].view))
    assert not verdict.matches
    assert verdict.differs[:2] == ("W_V, layer 1, head 1", "value, layer 1, head 1")


def test_what_stands_between_the_matrices_counts_too(origin: Provenance) -> None:
    (verdict,) = verdicts_on(origin, moved("layers.0.W_1", 0.5), look=seeing("another caption"))
    assert (verdict.matches, verdict.differs) == (False, (BETWEEN,))


def as_film(origin: Provenance, look: Look, *names: str) -> Provenance:
    """A film of some scenes, as its clips would say that they show."""
    like = origin.job(TRACE)
    code = Fingerprints().code
    jobs = one_take([replace(like, scene=name) for name in names])
    shots = [Shot(j.scene, 1, code(j)[:CODE], look(j, lambda frames: None).view, {}) for j in jobs]
    return replace(origin, shots=tuple(shots))


def test_the_clips_of_a_film_are_held_against_those_of_one_take(origin: Provenance) -> None:
    def passage(job: Job, progress: Progress) -> Noted:
        return Noted(f"{job.after}, {job.scene}, {job.onward}", ())

    film = as_film(origin, passage, "query", "key", "value")
    assert [shot.view for shot in film.shots] == [", query, True", "query, key, True", "key, value, False"]
    assert all(v.matches for v in verdicts_on(film, moved("layers.0.W_1", 0.5), look=passage))


@pytest.mark.slow
def test_a_weight_that_nobody_sees_leaves_a_film_as_it_is(origin: Provenance) -> None:
    film = as_film(origin, dry_play, "query", "key", "value")
    assert all(v.matches for v in verdicts_on(film, moved("layers.0.W_K", 1e-11)))
    assert [v.matches for v in verdicts_on(film, moved("layers.0.W_K", 0.5))] == [True, False, False]


def test_other_code_is_held_to_the_digits(origin: Provenance) -> None:
    older = replace(origin, shots=(replace(origin.shots[0], code="another"),))
    assert verdicts_on(older, moved("layers.0.W_1", 0.5), look=seeing("told in other words"))[0].matches
    assert not verdicts_on(older, moved("layers.0.W_V", 0.1), look=seeing("the same"))[0].matches


def test_another_sentence_or_a_smaller_model_differs(origin: Provenance) -> None:
    assert SENTENCE in verdicts_on(origin, forward(TINY, (1, 2, 3)))[0].differs
    shots = (replace(origin.shots[0], shown={"value/7/7": "0" * 12}),)
    assert verdicts_on(replace(origin, shots=shots), TRACE)[0].differs == ("value, layer 8, head 8",)


def run(*args: Any) -> tuple[int, Any]:
    """Exit code and output of ``tensorreel verify``."""
    result = CliRunner().invoke(main, ["verify", *map(str, args)], standalone_mode=False)
    if result.exception is not None:
        assert isinstance(result.exception, Differs | InputError)
        return result.exception.exit_code, result.output
    return 0, result.output


def test_exit_codes_and_json(picture: Path, tmp_path: Path) -> None:
    assert run(picture) == (0, "value: matches\n")
    other = tmp_path / "other.toml"
    text = to_toml(TINY)
    at = text.index("W_V")
    other.write_text(text[:at] + text[at:].replace("0.", "7.", 1), encoding="utf-8")
    code, output = run(picture, "--model", other, "--json")
    assert code == 7
    told = json.loads(output)
    assert told["matches"] is False
    assert told["made_from"] == TINY.digest != told["compared_with"]
    assert told["stages"][0]["stage"] == "value"
    assert told["stages"][0]["differs"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"just text",
        lambda data: data[:60],
        lambda data: data.replace(b"tensorreel", b"tensorfool"),
        lambda data: data.replace(b'"shots":[', b'"shots":{['),
        lambda data: b"<svg><metadata>\n{}</metadata></svg>",
        lambda data: b"RIFF\0\0\0\0WEBP",
    ],
)
def test_a_file_that_does_not_say_is_one_line(picture: Path, tmp_path: Path, damage: Any) -> None:
    file = tmp_path / "file"
    file.write_bytes(damage(picture.read_bytes()))
    code, _ = run(file)
    assert code == 3


def test_missing_files_and_other_peoples_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_provenance(tmp_path / "none.mp4")
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="does not say where it comes from"):
        read_provenance(tmp_path / "a.png")


def test_a_provenance_survives_its_text(origin: Provenance) -> None:
    assert parsed(origin.text()) == origin
    for text in ("", "head\n", "head\n[]", "head\n{}", 'head\n{"tensorreel":{}}', "head\n" + "[" * 100_000):
        with pytest.raises(ValueError, match="not a provenance"):
            parsed(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"lang":"en"', '"lang":"xx"'),
        ('"picture":[320', '"picture":[-20'),
        ('"layer":0', '"layer":{}'),
        ('"pace":1.0', '"pace":1e9'),
        ('"format":"png"', '"format":"exe"'),
        ('"theme":"dark"', '"theme":"dark","more":1'),
        ('"shots":[{', '"shots":[],"other":[{'),
        ('"tokens":[', '"tokens":["x",'),
    ],
)
def test_a_provenance_that_nobody_could_have_written_is_refused(
    origin: Provenance, old: str, new: str
) -> None:
    text = origin.text()
    assert old in text
    with pytest.raises(ValueError, match="not a provenance"):
        parsed(text.replace(old, new))
