"""Catalogues: what the code says stands in them, what is wrong in one is found, and a clip shows its language alone."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tensorreel.scenes import find, storyboards

from tensorreel.families.choices import Choices, architecture_of
from tensorreel.film.job.job import Job
from tensorreel.film.keep import fingerprint
from tensorreel.film.keep.cache import opened
from tensorreel.film.keep.planner import Plan, Planner
from tensorreel.film.make.backend import dry_play
from tensorreel.models import tiny_model
from tensorreel.publish.plain import plain
from tensorreel.words import catalogue as catalogues
from tensorreel.words.catalogue import catalogue
from tensorreel.words.glosses import meant
from tensorreel.words.languages import LANGUAGES, language, subtitles_of
from tensorreel.words.text import Aside, Text, quoted, text_from
from tests.harness import no_font
from tests.stub import jobs_for

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """``tools/words`` as a module."""
    loader = importlib.machinery.SourceFileLoader("words_tool", str(ROOT / "tools" / "words"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


@pytest.fixture(scope="module")
def code(tool: ModuleType) -> Any:
    """The sentences of the code."""
    found, faults = tool.extracted(ROOT)
    assert faults == []
    return tool.template(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues, to be spoilt."""
    return Path(shutil.copytree(catalogues.FOLDER, tmp_path / "locale"))


@pytest.fixture
def afresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The copy is what the program reads; call ``catalogue.cache_clear`` after a change."""
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    catalogue.cache_clear()
    yield folder
    catalogue.cache_clear()


def entry(context: str, english: str, said: str) -> str:
    """An entry as it stands in a file."""
    return f'msgctxt "{context}"\nmsgid "{english}"\nmsgstr "{said}"\n'


SWEEP = entry(
    "query.sweep",
    "This row is the query of {word}.",
    "こうしてできた一行が{word}のクエリ。何を探しているかを表す。",
)
TITLE = entry("title", "Feed-forward 1", "FFN 第1層")
LAYERS = 'msgid "{L} LAYER"\nmsgid_plural "{L} LAYERS"\nmsgstr[0] "{L} 層"\n'


# ---- the check ------------------------------------------------------------------------------------------------
def test_the_catalogues_are_whole(tool: ModuleType, code: Any) -> None:
    assert tool.check(code, tool.FOLDER, []) == []


FAULTS = {
    "missing": (SWEEP, "", "query.sweep “This row is the query of {word}.”: missing, expected a translation"),
    "untranslated": (SWEEP, SWEEP[: SWEEP.index("msgstr")] + 'msgstr ""\n', "not translated, expected a translation"),
    "fuzzy": (SWEEP, f"#, fuzzy\n{SWEEP}", "fuzzy, expected a translation that was looked at"),
    "obsolete": (SWEEP, f"{SWEEP}\n#~ msgctxt \"query.sweep\"\n#~ msgid \"Gone.\"\n#~ msgstr \"前\"\n", "1 obsolete entries, expected none"),
    "not in the code": (SWEEP, f"{SWEEP}\n{entry('query.sweep', 'Gone.', '前')}", "“Gone.”: not in the code"),
    "placeholder lacking": (SWEEP, SWEEP.replace("行が{word}の", "行が"), "no {word}, expected every placeholder"),
    "placeholder unknown": (SWEEP, SWEEP.replace("行が{word}の", "行が{word}と{d}の"), "{d}, expected only placeholders"),
    "placeholder reaching in": (SWEEP, SWEEP.replace("行が{word}の", "行が{word.en}の"), "no {word}"),
    "placeholder again": (SWEEP, SWEEP.replace("行が{word}の", "行が{word}の{word}の"), "{word} again, expected each as often"),
    "brace alone": (SWEEP, SWEEP.replace("行が{word}の", "行が{wordの"), "no {word}"),
    "number added": (SWEEP, SWEEP.replace("一行が", "1行が"), "1, expected no number as in English"),
    "number written otherwise": (SWEEP, SWEEP.replace("一行が", "２行が"), "2, expected no number as in English"),
    "number lost": (TITLE, TITLE.replace("第1層", "第一層"), "no number, expected 1 as in English"),
    "another number": (TITLE, TITLE.replace("第1層", "第2層"), "2, expected 1 as in English"),
    "plural lacking": (LAYERS, LAYERS.replace('"{L} 層"', '""'), "not translated, expected a translation"),
    "plural of another language": (LAYERS, LAYERS + 'msgstr[1] "{L} 層"\n', "more translations than num_plurals"),
    "no catalogue": (SWEEP, f"nonsense\n{SWEEP}", "expected a catalogue"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_catalogue_is_found(fault: str, tool: ModuleType, code: Any, folder: Path) -> None:
    before, after, said = FAULTS[fault]
    path = folder / "ja.po"
    text = unwrapped(path.read_text(encoding="utf-8"))
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    found = tool.check(code, folder, ["ja"])
    assert found
    assert said in found[0], found
    assert all(line.startswith("ja.po") and "\n" not in line for line in found)


def unwrapped(text: str) -> str:
    """A catalogue with each sentence in one line."""
    return (
        text.replace('msgid ""\n"', 'msgid "').replace('msgstr ""\n"', 'msgstr "').replace('"\n"', "")
        if ("Project" not in text)
        else _head_kept(text)
    )


def _head_kept(text: str) -> str:
    head, rest = text.split("\n\n", 1)
    return f"{head}\n\n{unwrapped(rest)}"


def test_an_unfinished_catalogue_may_lack_but_not_be_wrong(tool: ModuleType, code: Any, folder: Path) -> None:
    path = folder / "ja.po"
    text = unwrapped(path.read_text(encoding="utf-8")).replace('msgid ""\n', '#, fuzzy\nmsgid ""\n', 1)
    path.write_text(text.replace(SWEEP, ""), encoding="utf-8")
    assert tool.check(code, folder, ["ja"]) == []
    path.write_text(text.replace("行が{word}の", "行が"), encoding="utf-8")
    assert len(tool.check(code, folder, ["ja"])) == 1


def test_a_template_that_is_behind_the_code_is_found(tool: ModuleType, code: Any, folder: Path) -> None:
    path = folder / tool.TEMPLATE
    path.write_text(
        path.read_text(encoding="utf-8").replace("Every query meets", "Each query meets"), "utf-8"
    )
    (found,) = tool.check(code, folder, ["ja"])
    assert found.startswith("tensorreel.pot: 2 sentences differ from the code")


def test_a_new_language_begins_with_all_sentences_and_keeps_what_it_has(
    tool: ModuleType, code: Any, folder: Path
) -> None:
    tool.update(code, folder, ["it"])
    begun = tool.load(folder / "it.po")
    assert begun.fuzzy
    assert len(begun) == len(tool.load(folder / "ja.po")) == len(tool.load(folder / tool.TEMPLATE))
    assert tool.check(code, folder, ["it"]) == []
    before = (folder / "ja.po").read_bytes()
    tool.update(code, folder, ["ja"])
    assert (folder / "ja.po").read_bytes() == before


# ---- what is found in the code ----------------------------------------------------------------------------------
UNKNOWN = {
    "put together": 'class A:\n    def f(self):\n        with self.beat("one", "a" + b):\n            pass\n',
    "with values in it": 'class A:\n    def f(self):\n        with self.beat("one", f"a {b}"):\n            pass\n',
    "nobody's beat": 'def f(scene):\n    with scene.beat("one", "A sentence."):\n        pass\n',
    "no context": 'A = Text("A label")\n',
    "no words": 'A = Text(label, "deck")\n',
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_translated_is_found(case: str, tool: ModuleType) -> None:
    reader = tool.Reader(ast.parse(UNKNOWN[case]), "scenes/a.py")
    reader.visit(reader.tree)
    assert len(reader.faults) == 1, reader.faults


def test_sentences_are_found_with_stage_and_beat(tool: ModuleType) -> None:
    code = """
ANY = "From above."
class A(StageScene):
    stage, budget = "query", 3.0
    def f(self):
        said = "One."
        if x:
            said = "Another."
        with self.beat("one", said), self.beat(f"layer {n}", "It" if x else "Or it"), self.beat("two", ANY):
            pass
"""
    reader = tool.Reader(ast.parse(code), "scenes/a.py")
    reader.visit(reader.tree)
    assert reader.faults == []
    assert [(f.context, f.english) for f in reader.found] == [
        ("query.one", "One."),
        ("query.one", "Another."),
        ("query.layer", "It"),
        ("query.layer", "Or it"),
        ("query.two", "From above."),
    ]


def test_the_stages_are_the_scenes_own(tool: ModuleType) -> None:
    for board in storyboards().values():
        tree = ast.parse(board.file.read_text(encoding="utf-8"))
        (node,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == board.cls)
        kind = getattr(import_module(f"tensorreel.scenes.{board.module}"), board.cls)
        assert kind.context("layer 2") == f"{tool.stage_of(node)}.layer"


@pytest.mark.parametrize(
    ("stage", "said"), [("query", "query"), ("attn_input", "norm_alone"), ("ffn_hidden", "ffn_hidden_gelu")]
)
def test_a_stage_that_another_storyboard_draws_says_its_sentences(stage: str, said: str) -> None:
    kind = find(stage, architecture_of(Choices("pre", "gelu_tanh", True, True)))
    assert (kind.stage, kind.context("norm")) == (stage, f"{said}.norm")


# ---- what is said ---------------------------------------------------------------------------------------------------
def test_a_message_is_filled_in_in_its_language() -> None:
    both = Text("{a} and {b}", "words named").filled(a=quoted("x"), b="{y}")
    assert (both.of("en"), both.of("ja")) == ("“x” and {y}", "「x」と{y}")
    assert text_from(both.plain()) == both
    aside = Text("A word{gloss}", "nowhere").filled(gloss=Aside("en", " (that)"))
    assert (aside.of("en"), aside.of("ja")) == ("A word (that)", "A word")
    assert text_from(aside.plain()) == aside
    with pytest.raises(KeyError):
        both.of("xx")


def test_numbers_take_their_plural(afresh: Path) -> None:
    heads = Text("head", "+ 4 heads", plural="heads")
    assert [heads.counted(n).of("en") for n in (0, 1, 2)] == ["heads", "head", "heads"]
    (afresh / "fr.po").write_text(
        'msgid ""\nmsgstr "Language: fr\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgctxt "+ 4 heads"\nmsgid "head"\nmsgid_plural "heads"\nmsgstr[0] "tête"\nmsgstr[1] "têtes"\n',
        encoding="utf-8",
    )
    assert [heads.counted(n).of("fr") for n in (0, 1, 2)] == ["tête", "tête", "têtes"]


@pytest.mark.parametrize(
    "facts",
    [[], ["a", "b", "", 1], ["a", 1, "", 1, []], ["a", "b", "", "1", []], ["a", "b", "", 1, [["x", 1]]]],
)
def test_what_is_no_message_is_refused(facts: list[object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        text_from(facts)


def test_words_are_explained_where_a_catalogue_does(afresh: Path) -> None:
    words, glosses = ("糖", "の", "x"), ("sugar", "of", "")
    assert meant(words, glosses, "en") == ["sugar", "of", ""]
    assert meant(words, glosses, "ja") == ["", "", ""]
    (afresh / "zh_Hans.po").write_text(
        f"{entry('gloss', 'sugar', '糖')}\n{entry('gloss', 'of', '的')}", encoding="utf-8"
    )
    assert meant(words, glosses, "zh-Hans") == ["", "的", ""]
    assert meant(words, ("", "", ""), "en") == ["", "", ""]


def test_english_does_not_pay_for_the_others() -> None:
    code = (
        "import sys\nfrom tensorreel.words.text import quoted\nfrom tensorreel.words.languages import language, LANGUAGES\n"
        "quoted('a').of('en'), language('en').seconds\nassert 'babel' not in sys.modules and 'ja' in LANGUAGES\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_languages_are_known_by_babel() -> None:
    assert LANGUAGES[0] == "en"
    ja = language("ja")
    assert (ja.iso, ja.name, ja.regional, ja.joiner, ja.seconds) == ("jpn", "日本語", "ja-JP", "", 0.06)
    for lang in LANGUAGES:
        assert re.fullmatch("[a-z]{3}", language(lang).iso), lang
        assert language(lang).iso != "und", lang
    assert subtitles_of("ja") == ("ja", "en")
    assert subtitles_of("en") == ("en",)
    assert subtitles_of("ja", ("en", "ja", "en")) == ("ja", "en")
    assert subtitles_of("ja", ("en",)) == ("en",)


def test_no_break_spaces_stay() -> None:
    assert (
        plain("le\u00a0mot\u202f:  «\u00a0a\u00a0»  b", prose=True) == "le\u00a0mot\u202f: «\u00a0a\u00a0» b"
    )


# ---- clips ----------------------------------------------------------------------------------------------------------
def keys(folder: Path, lang: str) -> tuple[dict[str, str | None], list[str]]:
    """The keys of some clips in a language, and the scenes that had to be played to find theirs."""
    jobs = jobs_for(tiny_model(), folder / "out", ("key", "value"), lang=lang)
    with opened(folder / "cache", print) as cache:
        desk = Planner(cache)
        plans = [
            plan if plan.key else desk.seen(plan, dry_play(plan.job, _silent)) for plan in desk.plan(jobs)
        ]
        played = [before.job.scene for before in _asked(desk, jobs, plans)]
    return {plan.job.scene: plan.key for plan in plans}, played


def _asked(desk: Planner, jobs: list[Job], plans: list[Plan]) -> list[Plan]:
    """Those whose key is not known a second time without playing them; there must be none."""
    return [plan for plan in desk.plan(jobs) if plan.key is None]


def _silent(frames: int) -> None:
    """No progress."""


@pytest.mark.runs
def test_a_translation_makes_the_clips_stale_that_show_it_and_no_others(
    afresh: Path, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "font_digest", no_font)
    (en, played), (ja, _) = keys(quick, "en"), keys(quick, "ja")
    assert played == []
    path = afresh / "ja.po"
    text = unwrapped(path.read_text(encoding="utf-8"))
    for said, stale in (
        ("バリューは、その単語が渡す情報。", {"value"}),
        ("どの単語にも同じ重みを使う。", set()),
    ):
        assert said in text
        path.write_text(text.replace(said, said.replace("単語", "語")), encoding="utf-8")
        catalogue.cache_clear()
        again, played = keys(quick, "ja")
        assert played == []
        assert {scene for scene in ja if again[scene] != ja[scene]} == stale
        assert keys(quick, "en")[0] == en
    (afresh / "ko.po").write_text(text, encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    catalogue.cache_clear()
    assert (keys(quick, "en")[0], keys(quick, "ja")[0]) == (en, ja)
