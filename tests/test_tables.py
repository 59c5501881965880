"""The commands of the terminal: what they print, how they refuse, and that they stay instant."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result
from wcwidth import iter_graphemes, width

from tensorreel.cli import COMMANDS, grids, main
from tensorreel.cli.grids import MAX_LABEL, spoken, word_label
from tensorreel.core.engine import forward
from tensorreel.core.formatting import decimals_for, format_number
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.film.make.recording import seen
from tensorreel.models import builtin_text, tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.words.visible_text import spelled_out
from tests.model_files import to_toml, write_npz


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


def good(*args: object) -> str:
    result = call(*args)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(code: int, message: str, *args: object) -> None:
    result = call(*args)
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("tensorreel: error: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
    assert not result.stdout


def test_list_has_a_line_for_each_stage_with_real_sizes() -> None:
    lines = good("list").splitlines()
    assert len(lines) == 18
    for stage, line in zip(ARTICLE.stages, lines, strict=True):
        assert line.split()[:2] == [str(stage.number), stage.cli_name]
        assert stage.formula_plain in line
    assert "H 5×4, W_Q 2×4×2 → Q 2×5×2" in lines[2]
    assert "logits 3×8" in good("list", "--tokens", "1 2 3").splitlines()[16]


def test_list_for_programs() -> None:
    stages = json.loads(good("list", "--json"))
    assert [s["name"] for s in stages] == [s.cli_name for s in ARTICLE.stages]
    assert stages[5]["inputs"][0] == {
        "name": "query",
        "symbol": "Q",
        "dims": ["h", "T", "k"],
        "shape": [2, 5, 2],
    }


@pytest.mark.parametrize("stage", [s.cli_name for s in ARTICLE.stages])
def test_show_prints_every_number_of_the_stage(stage: str) -> None:
    out = good("show", stage, "--layer", 2, "--head", 1)
    shown = json.loads(good("show", stage, "--layer", 2, "--head", 1, "--json"))
    view = forward(tiny_model()).at(layer=1, head=0)
    for tensor in [*shown["inputs"], *shown["intermediates"], shown["output"]]:
        np.testing.assert_array_equal(np.array(tensor["values"]), view[tensor["name"]].values)
        assert f"{tensor['symbol']}  " in out
    assert "糖" in out


def test_tables_are_aligned_with_wide_characters() -> None:
    table = good("show", "attn-weights", "--head", "1").split("\n\n")[-1].splitlines()[1:]
    assert len(table) == 6
    assert len({width(line) for line in table}) == 1
    row = forward(tiny_model()).at(layer=0, head=0)["attn_weights"].values[2]
    assert table[3].split() == ["病", *(format_number(x, 2) for x in row)]


# What a row or a column may be called, and how many columns of a terminal it takes.
WORDS = {"糖尿病": 6, "e\u0301te\u0301": 3, "👨\u200d👩\u200d👧": 2, "🇯🇵": 2, "❤\ufe0f": 2, "שָׁלוֹם": 4, "กำเป็น": 5, "क्षि": 2,
         "葛\U000e0100": 2, "\u0301": 6, "\x07b": 5, "a\u202eb": 8}  # fmt: skip


@pytest.mark.parametrize(("word", "wide"), WORDS.items(), ids=map(ascii, WORDS))
@pytest.mark.parametrize("before", [0, 20, 21])
def test_words_of_all_scripts_are_measured_and_cut_between_characters(
    word: str, wide: int, before: int
) -> None:
    assert width(word_label(word)) == wide
    text = "-" * before + spelled_out(word) * 30
    short = word_label(text)
    assert width(short) in ((before,) if not wide else (MAX_LABEL - 1, MAX_LABEL))
    letters = list(iter_graphemes(short.strip("\u2068\u2069").removesuffix("…")))
    assert letters == list(iter_graphemes(text))[: len(letters)]


def test_tables_are_aligned_with_words_of_all_scripts(tmp_path: Path) -> None:
    words = tuple(WORDS)
    tiny = tiny_model()
    for first in (0, 4):
        named = replace(tiny, words=(*words[first : first + 8],), glosses=(), readings=())
        path = tmp_path / f"{first}.toml"
        path.write_text(to_toml(named), encoding="utf-8")
        table = (
            good("show", "attn-weights", "--head", "1", "--model", path).split("\n\n")[-1].splitlines()[1:]
        )
        assert len({width(line) for line in table}) == 1
        for shown in (table[0], good("show", "1", "--model", path), good("model", "check", path)):
            assert not {"\x07", "\u202e"} & set(shown)
    assert "\\x07b" in shown or "\\u202e" in shown


def test_both_heads_are_shown_unless_one_is_chosen() -> None:
    assert good("show", "query").count("head 2\n") == 2  # W_Q and Q
    assert "head 2\n" not in good("show", "query", "--head", 1)


def one_head_finer() -> Model:
    """The built-in model with a number of more decimals in W_Q of head 1."""
    tiny = tiny_model()
    weights = tiny.params["layers.0.W_Q"].copy()
    weights[0, 0, 0] += 0.0125
    return replace(tiny, params={**tiny.params, "layers.0.W_Q": weights})


def test_the_terminal_the_picture_and_the_key_have_the_same_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every tensor and head, also where a head by itself would need fewer decimals than all of them."""
    for model in (one_head_finer(), sample_models()["three-heads"], sample_models()["causal"]):
        trace = forward(model).at(layer=0)
        for name in trace:
            for head in range(model.config.n_heads):
                tensor, whole = trace.at(layer=0, head=head)[name], trace[name]
                shown, key = DisplayTensor(tensor, whole), seen(tensor, whole)
                asked: list[int] = []
                monkeypatch.setattr(grids, "format_number", lambda x, n, asked=asked: asked.append(n) or "0")
                grids.grid(tensor, trace)
                assert {shown.decimals, key[4], tensor.decimals} | set(asked) == {
                    decimals_for(whole.values)
                }, name


def test_one_head_is_printed_with_the_decimals_of_all(tmp_path: Path) -> None:
    file = tmp_path / "finer.toml"
    file.write_text(to_toml(one_head_finer()), encoding="utf-8")
    both = good("show", "query", "--model", file).partition("head 2")[2].partition("\n\n")[0]
    alone = good("show", "query", "--model", file, "--head", 2)
    assert all(line in alone for line in both.strip().splitlines())


def test_a_token_is_marked() -> None:
    marked = [line for line in good("show", "8", "--token", 3).splitlines() if line.startswith("▸")]
    assert marked
    assert all(line.split()[1] == "病" for line in marked)


def test_masked_scores_are_printed_and_are_strings_in_json(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(to_toml(sample_models()["causal"]))
    assert "−∞" in good("show", "attn-scores", "--model", path)
    data = json.loads(good("show", "6", "--model", path, "--json"))
    assert data["output"]["values"][0][0][1] == "-inf"


def test_large_models_are_shortened_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "large.npz"
    write_npz(large_model(), path)
    out = good("show", "logits", "--model", path)
    assert "960 more rows" in out
    assert "984 more columns" in out
    assert max(map(width, out.splitlines())) < 240


@pytest.mark.parametrize("name", sample_models())
def test_every_sample_can_be_shown(name: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(to_toml(sample_models()[name]), encoding="utf-8")
    for stage in ARTICLE.stages:
        good("show", stage.cli_name, "--model", path, "--lang", "ja")


def test_model_init_then_check(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    assert good("model", "init", path) == f"{path}\n"
    assert path.read_text(encoding="utf-8") == builtin_text()
    assert [p.name for p in tmp_path.iterdir()] == ["my.toml"]
    out = good("model", "check", path)
    assert "good (V = 8" in out
    p = forward(tiny_model())["probs"].values[-1].max()
    assert f"糖 尿 病 の 治療 → 法 (p = {p:.2f})" in out
    assert json.loads(good("model", "check", path, "--json"))["digest"] == tiny_model().digest
    refused(2, "exists already", "model", "init", path)
    path.write_text("")
    good("model", "init", path, "--force")
    assert path.read_text(encoding="utf-8") == builtin_text()
    refused(2, "a directory", "model", "init", tmp_path, "--force")
    refused(4, "no folder", "model", "init", tmp_path / "none" / "x.toml")


def test_mistakes_are_one_line_with_their_exit_code(tmp_path: Path) -> None:
    bad = tmp_path / "bad\n.toml"
    bad.write_text(builtin_text().replace("0.3", "nan", 1))
    refused(3, "E: 1 non-finite value, first at [1, 1]", "show", "query", "--model", bad)
    refused(3, "No such file", "model", "check", tmp_path / "none")
    refused(3, "at character 3", "show", "query", "--text", "糖尿x")
    refused(2, "did you mean attn-weights", "show", "attn-wieghts")
    refused(2, "--layer 3, expected 1 to 2", "show", "query", "--layer", 3)
    refused(2, "--head 3, expected 1 to 2", "show", "query", "--head", 3)
    refused(2, "--token 6, expected 1 to 5", "show", "query", "--token", 6)
    refused(2, "together", "show", "query", "--tokens", "1", "--text", "糖")
    refused(2, "No such command", "rendr")
    refused(2, "No such option", "list", "--jsn")


def test_an_unforeseen_error_is_one_line_unless_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorreel.cli.tables.forward", lambda *_: 1 / 0)
    refused(1, "internal: ZeroDivisionError", "show", "query")
    result = call("--debug", "show", "query")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    monkeypatch.setattr("tensorreel.cli.tables.forward", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert call("show", "query").exit_code == 130


def commands() -> list[tuple[str, click.Command]]:
    """Every command whose module is there, groups opened."""
    found: list[tuple[str, click.Command]] = []
    for name, (where, _) in COMMANDS.items():
        if importlib.util.find_spec(where.partition(":")[0]) is None:
            continue
        command = main.get_command(click.Context(main), name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {n}", c) for n, c in command.commands.items()]
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda x: x if isinstance(x, str) else "")
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"
    assert good(*name.split(), "--help").startswith("Usage:")


def test_the_overview_lists_every_command() -> None:
    out = good("--help")
    for name, (_, line) in COMMANDS.items():
        assert f"  {name} " in out
        assert line in out


def test_the_shell_completes_stage_names() -> None:
    complete = ShellComplete(main, {}, "tensorreel", "_TENSORREEL_COMPLETE")
    names = [item.value for item in complete.get_completions(["show"], "attn")]
    assert names == ["attn-scores", "attn-weights", "attn-output", "attn-norm"]


@pytest.mark.parametrize("args", [["--help"], ["list"], ["show", "nothing"], ["show", "probs"]])
def test_answers_import_next_to_nothing(args: list[str]) -> None:
    code = (
        "import sys, atexit; started = set(sys.modules)\n"  # Debian's Python has a sitecustomize
        "new = lambda: {m.partition('.')[0] for m in {*sys.modules} - started if m[0] != '_'}\n"
        "named = lambda: new() - sys.stdlib_module_names\n"
        "atexit.register(lambda: print(*named(), file=sys.stderr))\n"
        f"sys.argv = ['tensorreel', *{args!r}]\n"
        "from tensorreel.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert set(done.stderr.splitlines()[-1].split()) <= {"babel", "click", "numpy", "tensorreel", "wcwidth"}


def test_words_that_run_to_the_left_turn_round_neither_their_line_nor_each_other() -> None:
    assert word_label("אב") == "\u2068אב\u2069"
    assert word_label("\u2069אב") == "\u2068\\u2069אב\u2069"
    assert word_label("糖") == "糖"
    assert width(word_label("אב")) == 2
    long = word_label("א" * 90)
    assert (long[0], long[-2:]) == ("\u2068", "…\u2069")
    assert spoken(["אב", "גד"]) == "\u2068אב גד\u2069"
    assert spoken(["a", "b"]) == "a b"


def test_the_english_sample_can_be_written_and_shown_wherever_a_model_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    good("model", "init", path, "--sample", "en")
    assert path.read_text(encoding="utf-8") == builtin_text("en")
    assert "one to ten is a → rise" in good("model", "check", path)
    assert good("show", "probs", "--sample", "en") == good("show", "probs", "--model", path)
    assert good("list", "--sample", "ja") == good("list")
    refused(2, "--model and --sample together", "list", "--model", path, "--sample", "en")
    refused(2, "stated without --model", "list", "--sample", "en", "--norm", "post")


@pytest.mark.parametrize(
    "command", ["render", "sheet", "embed", "deck", "watch", "lint", "audit", "verify", "list", "show"]
)
def test_every_command_that_takes_a_model_takes_a_sample(command: str) -> None:
    assert "--sample [ja|en]" in good(command, "--help")
