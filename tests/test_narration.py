"""A film that speaks: beats wait for their sentence, and a sentence begins with its beat."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from manim import FadeIn

from tensorreel.core.engine import forward
from tensorreel.core.errors import EnvironmentProblem, InputError, TensorreelError, UsageProblem
from tensorreel.film.draw import choose
from tensorreel.film.encode.encoder import ClipEncoder
from tensorreel.film.encode.overlay import MOV, WEBM, OverlayEncoder
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Cue, Job, Progress, Utterance
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep.cache import Entry
from tensorreel.film.keep.fingerprint import Fingerprints
from tensorreel.film.make.backend import Noted
from tensorreel.film.make.clip import drawing
from tensorreel.film.run.delivery import Made
from tensorreel.film.run.plays import planned_beats
from tensorreel.film.run.production import RunOptions
from tensorreel.models import tiny_model
from tensorreel.publish.mux import packets_digest, remux
from tensorreel.publish.provenance import parsed, provenance_of
from tensorreel.publish.soundtrack import Soundtrack, said_in, samples
from tensorreel.publish.speech.narrating import narrated, speech_folder
from tensorreel.publish.verifying import _as_made
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look import theme
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.voice import choosing, espeak
from tensorreel.voice.choosing import narrator_of
from tensorreel.voice.engine import Take, VoiceWarning
from tensorreel.voice.espeak import Espeak
from tensorreel.voice.piper import Piper
from tensorreel.voice.recordings import Recordings
from tensorreel.voice.sound import Sound, read_sound, trimmed, write_wav
from tensorreel.voice.speaking import Speaker
from tests.harness import assert_one_line, run
from tests.saying import both
from tests.stub import PICTURE, STUB, jobs_for
from tests.test_film_encoder import moving_square
from tests.voices import LETTER, RATE, Beeper, begins, heard, recorded, tone

TINY = tiny_model()
TRACE = forward(TINY)


# ---- beats wait ---------------------------------------------------------------------------------------------
class Sentences(StageScene):
    """Two beats of a word each, and one that is said to be without words."""

    stage = "query"

    def storyboard(self) -> None:
        """One, two, three."""
        for name in ("one", "two", "three"):
            with self.beat(name, "A word comes."):
                self.play(FadeIn(Label(name, self.pen, size=0.4)))


def beats_with(speech: tuple[float, ...], **options: Any) -> list[Any]:
    """The beats of the toy, played with speech of these lengths."""
    (job,) = jobs_for(TINY, Path(), ("query",), **options)
    with drawing(PICTURE):
        scene = Sentences(choose.dry_renderer()(), trace=TRACE, options=job.options, speech=speech)
        scene.render()
    return scene.beats


def test_a_beat_is_as_long_as_its_sentence_and_a_breath() -> None:
    silent, spoken = beats_with(()), beats_with((7.0, 0.5, 0.0))
    frame = 1 / float(PICTURE.fps)
    lengths = [[b.end - b.start for b in beats] for beats in (silent, spoken)]
    assert 7.0 + theme.BREATH <= lengths[1][0] <= 7.0 + theme.BREATH + frame
    assert lengths[1][1:] == pytest.approx(lengths[0][1:]), "a short sentence changes nothing"
    assert [b.caption for b in spoken] == [b.caption for b in silent]


def test_the_pace_is_not_the_voices() -> None:
    first = beats_with((7.0,), pace=4.0)[0]
    assert first.end - first.start >= 7.0


def test_lengths_are_in_the_key_and_sounds_are_not(tmp_path: Path) -> None:
    (job,) = jobs_for(TINY, tmp_path, ("query",))
    prints = Fingerprints()
    quiet = prints.of(job)
    said = [
        prints.of(replace(job, speech=(Utterance(seconds, tmp_path / name, name),)))
        for seconds, name in ((1.0, "a"), (1.0, "b"), (2.0, "a"))
    ]
    assert quiet["speech"] == ""
    assert said[0] == said[1] != said[2]
    assert {name for name in quiet if said[0][name] != quiet[name]} == {"speech"}


# ---- what is said is known before a clip is made ------------------------------------------------------------
def counted(calls: Path) -> Any:
    """The stub, which leaves a line in a file at each play."""

    def look(job: Job, progress: Progress) -> Noted:
        with calls.open("a") as file:
            file.write(f"{job.scene}\n")
        return STUB.look(job, progress)

    return replace(STUB, look=look)


def test_scenes_are_played_once_for_their_sentences(quick: Path) -> None:
    jobs = jobs_for(TINY, quick, ("query", "key"))
    for _ in range(2):
        orders = RunOptions(1, quick / "cache", backend=counted(quick / "calls"))
        beats = planned_beats(jobs, orders)
        assert [[cue.name for cue in cues] for cues in beats] == [["all"], ["all"]]
    assert sorted((quick / "calls").read_text().split()) == ["key", "query"]


def test_a_scene_that_cannot_be_played_is_named(quick: Path) -> None:
    def look(job: Job, progress: Progress) -> Noted:
        raise InputError(f"{job.scene}: no")

    with pytest.raises(TensorreelError, match="query: no"):
        planned_beats(
            jobs_for(TINY, quick, ("query",)), RunOptions(1, quick, backend=replace(STUB, look=look))
        )


def test_every_job_gets_the_sentences_of_its_own_beats(quick: Path) -> None:
    jobs = jobs_for(TINY, quick, ("query", "key"), lang="ja")
    for name, seconds in (("query.all", 1.5), ("key.all", 2.5)):
        recorded(quick / f"{name}.wav", seconds)
    made = narrated(jobs, str(quick), RunOptions(1, quick / "cache", backend=STUB), quick / "speech")
    assert [job.scene for job in made] == ["query", "key"]
    assert [job.speech[0].seconds for job in made] == [1.5, 2.5]


def test_speech_has_a_folder_even_without_a_cache(tmp_path: Path) -> None:
    with speech_folder(tmp_path / "cache") as folder:
        assert folder == tmp_path / "cache" / "speech"
    (tmp_path / "file").write_text("", encoding="utf-8")
    with speech_folder(tmp_path / "file") as folder:
        assert folder.is_dir()
    assert not folder.exists()


# ---- engines ------------------------------------------------------------------------------------------------
def test_a_sentence_is_spoken_once_without_its_quotes_and_its_silence(tmp_path: Path) -> None:
    takes = [Take("a.b", "“ten” and one", "en"), Take("a.c", "", "en")]
    beeper = Beeper()
    first, nothing = Speaker(beeper, tmp_path).utterances(takes)
    assert nothing == Utterance()
    assert first.seconds == pytest.approx(LETTER * len("ten and one"), abs=0.01)
    assert Speaker(beeper, tmp_path).utterances(takes) == [first, nothing]
    assert beeper.said == ["ten and one"]


@pytest.mark.parametrize("change", ["voice", "language", "damage"])
def test_another_voice_another_language_or_a_damaged_sound_is_said_again(change: str, tmp_path: Path) -> None:
    beeper = Beeper()
    (first,) = Speaker(beeper, tmp_path).utterances([Take("a", "one", "en")])
    assert first.sound is not None
    if change == "voice":
        beeper.identity = "beeper 2"
    if change == "damage":
        first.sound.write_bytes(b"RIFF")
    again = Take("a", "one", "de" if change == "language" else "en")
    assert Speaker(beeper, tmp_path).utterances([again])[0].seconds == first.seconds
    assert beeper.said == ["one", "one"]


def test_a_sentence_that_is_silent_takes_no_time() -> None:
    assert trimmed(Sound(np.zeros(100, np.int16), RATE)).seconds == 0.0


def program(folder: Path, text: str) -> None:
    """A program that is called as espeak-ng is."""
    path = folder / espeak.PROGRAM
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


VERSION = 'case "$*" in *--version*) echo "eSpeak NG text-to-speech: 9.9  Data at: x"; exit 0;; esac\n'


def test_espeak_gets_the_sentence_and_the_voice_of_the_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path / "tone.wav", 0.5)
    program(
        tmp_path,
        f'{VERSION}echo "$2" >> {tmp_path}/asked; cat >> {tmp_path}/asked\n'
        f'for last; do :; done; cp {tmp_path}/tone.wav "$last"',
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    engine = Espeak()
    assert engine.identity == "espeak-ng 9.9"
    assert engine.say("[[ –x", "zh-Hans").seconds == 0.5
    assert (tmp_path / "asked").read_text(encoding="utf-8") == "cmn\n[ [ –x"


def test_an_engine_that_fails_says_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"{VERSION}echo first >&2; echo 'Error: no such voice' >&2; echo >&2; exit 3")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(EnvironmentProblem) as failed:
        Espeak().say("one", "en")
    assert str(failed.value) == "espeak-ng: Error: no such voice, expected it to speak"


def test_espeak_warns_where_it_spells_letters_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.warns(VoiceWarning, match="kanji"), pytest.raises(EnvironmentProblem, match="exit code 1"):
        Espeak().say("糖", "ja")


class FakeVoice:
    """What piper-tts gives for a voice's file."""

    config = SimpleNamespace(espeak_voice="en-us", sample_rate=RATE)

    @classmethod
    def load(cls, path: str) -> FakeVoice:
        """It, unless the file says otherwise."""
        if Path(path).read_bytes() == b"bad":
            raise ValueError("no protobuf")
        return cls()

    def synthesize(self, text: str) -> list[Any]:
        """A piece for each word."""
        if text == "fail":
            raise RuntimeError("out of phonemes")
        return [SimpleNamespace(audio_int16_array=tone(0.25)) for _ in text.split()]


@pytest.fixture
def piper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of a voice, where piper-tts is installed."""
    monkeypatch.setitem(sys.modules, "piper", SimpleNamespace(PiperVoice=FakeVoice))
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "9.9" if name == "piper-tts" else real(name))
    (tmp_path / "voice.onnx").write_bytes(b"good")
    return tmp_path / "voice.onnx"


def test_a_voice_of_piper_speaks(piper: Path, tmp_path: Path) -> None:
    engine = choosing.narrator_of(str(piper), tmp_path)
    assert isinstance(engine, Speaker)
    (said,) = engine.utterances([Take("a", "two words", "en")])
    assert said.seconds == pytest.approx(0.5, abs=0.01)
    with pytest.warns(VoiceWarning, match="speaks en-us, expected a voice that speaks ja"):
        Piper(piper).say("one", "ja")
    with pytest.raises(EnvironmentProblem, match="out of phonemes"):
        Piper(piper).say("fail", "en")
    other = Piper(piper).identity
    piper.write_bytes(b"other")
    assert Piper(piper).identity != other
    piper.write_bytes(b"bad")
    with pytest.raises(InputError, match="no protobuf, expected a voice of piper"):
        narrator_of(str(piper), tmp_path)
    piper.unlink()
    with pytest.raises(InputError, match="not there"):
        narrator_of(str(piper), tmp_path)


# ---- recordings ---------------------------------------------------------------------------------------------
def test_a_recording_is_read_whatever_its_format_its_channels_and_its_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("flac", rate=44_100, layout="stereo")
        both_sides = np.repeat(tone(1.0, 44_100)[None], 2, axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(both_sides, format="s16", layout="stereo")
        frame.sample_rate = 44_100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    assert read_sound(path).seconds == pytest.approx(1.0)
    (said,) = Recordings(tmp_path).utterances([Take("a", "one", "en")])
    assert said.seconds == pytest.approx(1.0)
    assert said.sound == path


def test_missing_and_broken_recordings_are_named(tmp_path: Path) -> None:
    takes = [Take(name, "words" if name != "quiet" else "", "en") for name in ("a.b", "quiet", "c.d", "e.f")]
    recorded(tmp_path / "a.b.wav", 0.5)
    with pytest.raises(InputError, match=r"no c\.d\.wav \(and 1 more\)"):
        Recordings(tmp_path).utterances(takes)
    (tmp_path / "c.d.wav").write_text("no sound", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.d\.wav: no sound, expected a recording"):
        Recordings(tmp_path).utterances(takes[:3])
    with pytest.raises(UsageProblem, match=r"several sentences of a\.b"):
        Recordings(tmp_path).utterances([takes[0], takes[0]._replace(text="other words")])


# ---- the sound of a file ------------------------------------------------------------------------------------
CUES = (
    Cue("one", 0.0, 0.8, both("One", "一")),
    Cue("quiet", 0.8, 1.0, both("", "")),
    Cue("two", 1.0, 2.0, both("Two", "二")),
)


def made_of(folder: Path, *lengths: float) -> Made:
    """A kept clip of two seconds, with recordings of these lengths."""
    (job,) = jobs_for(TINY, folder, ("query",))
    speech = []
    for at, seconds in enumerate(lengths):
        path = recorded(folder / f"{at}.wav", seconds) if seconds else None
        speech.append(Utterance(seconds, path, f"d{at}" if path else ""))
    entry = Entry("k", "d", 1, ".mp4", "query", 20, 10, CUES, "view", {"query/0/0": "x"})
    return Made(replace(job, speech=tuple(speech)), entry)


def test_sentences_stand_where_their_beats_begin_in_a_clip_and_in_a_film(tmp_path: Path) -> None:
    made = made_of(tmp_path, 0.5, 0.0, 0.25)
    assert [(p.start, p.digest) for p in said_in([made])] == [(0.0, "d0"), (1.0, "d2")]
    assert [p.start for p in said_in([made, made])] == [0.0, 1.0, 2.0, 3.0]
    assert said_in([made_of(tmp_path)]) == []
    track = samples(said_in([made, made]), 4.0)
    assert len(track) == 4 * 48_000
    assert [begins(track, at) for at in (0.0, 1.0, 1.5, 2.0, 3.0)] == [True, True, False, True, True]


@pytest.mark.parametrize("form", [name for name, form in FORMATS.items() if form.sound])
def test_a_file_holds_its_sound_and_its_pictures_as_they_were(form: str, tmp_path: Path) -> None:
    picture = Picture(160, 120, 10)
    source, out, silent = (tmp_path / f"{name}.{form}" for name in ("clip", "out", "silent"))
    coding = {"mov": MOV, "webm": WEBM}.get(form)
    with OverlayEncoder(source, picture, coding, None) if coding else ClipEncoder(source, picture) as encoder:
        moving_square(encoder, picture, [1] * 20)
    track = samples(said_in([made_of(tmp_path, 0.5, 0.0, 0.25)]), 2.0)
    told: Any = {"form": form, "fps": 10, "texts": {}, "language": "jpn"}
    remux(source, out, **told, sound=Soundtrack(FORMATS[form].sound, track))
    remux(source, silent, **told)
    again = tmp_path / f"again.{form}"
    remux(source, again, **told, sound=Soundtrack(FORMATS[form].sound, track))
    assert again.read_bytes() == out.read_bytes()
    assert packets_digest(out) == packets_digest(silent) == packets_digest(source)
    with av.open(str(silent)) as container:
        assert not container.streams.audio
    found, facts = heard(out)
    assert facts["language"] == "jpn"
    assert len(found) / 48_000 == pytest.approx(2.0, abs=0.05)
    assert begins(found, 1.0)
    assert np.abs(found[:4800].astype(int)).max() > 600
    with av.open(str(out)) as container:
        times = [float(p.pts * p.time_base) for p in container.demux() if p.size and p.pts is not None]
    assert all(b > a - 0.3 for a, b in pairwise(times)), "sound and pictures come together"


def test_a_file_says_how_long_its_sentences_are_and_a_silent_one_nothing(tmp_path: Path) -> None:
    origin = provenance_of([made_of(tmp_path, 0.5, 0.0, 0.25)])
    assert parsed(origin.text()) == origin
    shot = parsed(origin.text()).shots[0]
    assert shot.speech == (0.5, 0.0, 0.25)
    assert [said.seconds for said in _as_made(origin.job(TRACE), [shot])[0].speech] == [0.5, 0.0, 0.25]
    silent = provenance_of([made_of(tmp_path)])
    assert "speech" not in silent.text()
    assert parsed(silent.text()) == silent


# ---- the command --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (("--format", "gif", "--narration", "espeak"), 2, "--narration with gif, expected mp4, webm or mov"),
        (("--format", "png", "--narration", "espeak"), 2, "--narration with png, expected mp4, webm or mov"),
        (
            ("--narration", "somebody"),
            2,
            "narration 'somebody', expected espeak, a voice of piper (FILE.onnx)",
        ),
        (("--narration", "v.onnx"), 4, "piper-tts is not installed, expected tensorreel[voice]"),
        (("--narration", "takes"), 3, "takes: no query.all.wav, expected a recording of each sentence"),
        (("--narration", "espeak"), 4, "espeak-ng is not installed, expected it (apt install espeak-ng)"),
    ],
)
def test_what_cannot_be_spoken_is_one_line(args: tuple[str, ...], code: int, line: str, quick: Path) -> None:
    (quick / "takes").mkdir()

    def nowhere() -> None:
        sys.modules["piper"] = None  # type: ignore[assignment]
        espeak.shutil.which = lambda name: None  # type: ignore[attr-defined]

    ended = run("render", "query", *args, "--cache-dir", "cache", cwd=quick, before=nowhere)
    assert assert_one_line(ended, code).startswith(line)
    assert not (quick / "renders").exists()


def test_only_a_voice_of_other_lengths_makes_a_clip_again(quick: Path) -> None:
    (quick / "takes").mkdir()
    args = ("render", "query", "-q", "l", "-j", "1", "--cache-dir", "cache", "--narration", "takes")

    def why(seconds: float) -> str:
        recorded(quick / "takes" / "query.all.wav", seconds)
        said = run(*args, "-n", cwd=quick)
        assert said.code == 0, said.err
        return said.out

    recorded(quick / "takes" / "query.all.wav", 1.0)
    assert run(*args, cwd=quick).code == 0
    assert "1 up to date" in why(1.0)
    assert "query: changed: speech" in why(1.5)
    assert run(*args[:-2], cwd=quick).code == 0
    assert "1 up to date" in run(*args[:-2], "-n", cwd=quick).out


def test_a_wav_is_what_it_was(tmp_path: Path) -> None:
    sound = Sound(tone(0.1), RATE)
    write_wav(sound, tmp_path / "a.wav")
    back = read_sound(tmp_path / "a.wav")
    assert back.rate == RATE
    assert np.array_equal(back.samples, sound.samples)
