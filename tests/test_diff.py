"""``tensorreel diff``: what it says is held against the engine, and its exit code against what is printed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tensorreel.cli import main
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import InputError
from tensorreel.core.formatting import decimals_for, format_number
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.models.samples import random_model
from tensorreel.review.rounding import adding_up
from tensorreel.variations.change import varied
from tensorreel.variations.difference import (
    parameter_differences,
    printed_change,
    refuse_unlike,
    stage_differences,
)
from tests.model_files import to_toml

W_V = "layers.0.W_V[1,2,0]"


def made(seed: int = 3, **facts: Any) -> Model:
    sizes = {"V": 6, "T": 4, "d": 4, "h": 2, "d_ff": 5, "L": 1} | facts
    return random_model(np.random.default_rng(seed), decimals=1, **sizes)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A model file of one layer."""
    (tmp_path / "old.toml").write_text(to_toml(made()))
    return tmp_path / "old.toml"


def diff(*args: object) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, args)], standalone_mode=False)


def facts(*args: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(diff(*args, "--json").output)
    return found


def digits(trace: Trace, name: str, *others: Trace) -> list[str]:
    """The printed digits of a tensor, worked out here, with the decimals of the finest."""
    values = trace[name].values
    decimals = max(decimals_for(t[name].values) for t in (trace, *others))
    if trace[name].shares:  # by the audit's own rule
        rows = values.reshape(-1, values.shape[-1]).tolist()
        return [text for row in rows for text in adding_up([Decimal(repr(x)) for x in row], decimals)]
    return [format_number(x, decimals) for x in values.flat]


def shows(trace: Trace, name: str) -> list[list[str]]:
    """The digits of all that a stage shows: inputs, ways and output."""
    table = trace.model.architecture
    stage = table.find(name)
    ways = [way.name for way in table.on_the_way(stage)]
    return [digits(trace, n) for n in (*stage.inputs, *ways, name) if n != "tokens"]


def test_one_entry_of_w_v_leaves_what_comes_before_it_and_the_weights(old: Path) -> None:
    said = facts(old, "--set", f"{W_V}=0.9")
    one, other = forward(made()), forward(varied(made(), [f"set {W_V}=0.9"]))
    same = {s["stage"].replace("-", "_") for s in said["stages"] if not s["differs"]}
    assert same == {s.name for s in ARTICLE.stages if shows(one, s.name) == shows(other, s.name)}
    assert same == {"token_embedding", "embedding", "query", "key", "attn_scores", "attn_weights"}
    assert list(said["parameters"]) == ["layers.0.W_V"]
    (cells,) = said["parameters"].values()
    assert (cells["count"], cells["total"], cells["index"], cells["after"]) == (1, 16, [1, 2, 0], 0.9)


@pytest.mark.parametrize("seed", range(4))
def test_each_count_and_each_probability_is_the_engines(seed: int) -> None:
    model = made(seed, L=2)
    other = varied(model, ["without head:1"])
    one, two = forward(model), forward(other)
    for found in stage_differences(one, two):
        both = [t.at(layer=found.layer) for t in (one, two)]
        a, b = (digits(t, found.stage.name, *both) for t in both)
        want = sum(x != y for x, y in zip(a, b, strict=True))
        assert (found.output.count if found.output else 0) == want
        assert found.differs or a == b
    assert set(parameter_differences(model, other)) == {"layers.0.W_O", "layers.1.W_O"}


def test_behind_the_layers_the_last_one_is_meant() -> None:
    model = made(L=2)
    one, two = forward(model), forward(varied(model, ["set layers.1.b_2[0]=5"]))
    (first, last), (final,) = (
        [found for found in stage_differences(one, two) if found.stage.name == name]
        for name in ("ffn_norm", "last_hidden_state")
    )
    assert not first.differs
    assert last.differs
    assert final.tensors == ("ffn_norm", "last_hidden_state")


def test_the_answer_before_and_after(old: Path) -> None:
    said = facts(old, "--without", "residual")
    one, two = (forward(m)["probs"].values[-1] for m in (made(), varied(made(), ["without residual"])))
    words = made().words
    assert said["winner"] == {"before": words[one.argmax()], "after": words[two.argmax()]}
    np.testing.assert_array_equal([x["before"] for x in said["p"]], one)
    np.testing.assert_array_equal([x["after"] for x in said["p"]], two)
    np.testing.assert_array_equal([x["change"] for x in said["p"]], two - one)
    (norm,) = (s for s in said["stages"] if s["stage"] == "attn-norm")
    assert norm["formula"] == "H′ = LayerNorm(O)"


def test_files_are_compared_and_stages_chosen(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    new.write_text(to_toml(varied(made(), [f"set {W_V}=0.9"])))
    assert diff(old, new).return_value == 1
    assert diff(old, new, "attn-scores", 7).return_value == 0
    assert diff(old, new, "context").return_value == 1
    lines = diff(old, new).output
    assert "layers.0.W_V  1 of 16 changed" in lines
    assert " 7  attn-weights       same" in lines
    assert "old.toml → " in lines.partition("\n")[0]


def test_what_no_digit_shows_is_equal(old: Path) -> None:
    tiny_step = float(made().params["layers.0.W_2"][0, 0]) + 1e-9
    ended = diff(old, "--set", f"layers.0.W_2[0,0]={tiny_step}")
    assert ended.return_value == 0
    assert "1 of 20 changed" in ended.output
    assert "differs" not in ended.output


def test_printed_changes_can_be_checked_by_hand() -> None:
    assert printed_change(0.444, 0.456, 2) == "+0.02"  # 0.44 → 0.46
    assert printed_change(0.456, 0.444, 2) == "−0.02"
    assert printed_change(0.444, 0.443, 2) == "0.00"


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (made(d=8), "d_model: 8, expected 4"),
        (made(L=2), "n_layers: 2, expected 1"),
        (replace(made(), words=("w0", "w1", "x", "w3", "w4", "w5")), "words: 'x' as number 2, expected 'w2'"),
    ],
)
def test_models_that_are_unlike_are_refused_with_what_differs(other: Model, line: str) -> None:
    with pytest.raises(InputError, match=line):
        refuse_unlike(made(), other)
    refuse_unlike(made(), made(seed=4, causal=True))


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ((), "one model, expected OLD NEW, or a change: --without, --set or --causal"),
        (("old.toml",), "one model, expected OLD NEW"),
        (("old.toml", "gone.toml"), "gone.toml: No such file"),
        (("old.toml", "wide.toml"), "d_model: 8, expected 4"),
        (("old.toml", "--without", "wings"), "--without wings, expected one of position"),
        (("old.toml", "--causal", "quary"), "no stage 'quary'"),
        (("old.toml", "--causal", "--tokens", "99"), "tokens: id 99"),
    ],
)
def test_every_error_is_a_line_and_code_2(args: tuple[str, ...], line: str, old: Path) -> None:
    (old.parent / "wide.toml").write_text(to_toml(made(d=8)))
    ended = subprocess.run(
        [sys.executable, "-m", "tensorreel", "diff", *args], cwd=old.parent, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert line in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_manim_is_not_imported(old: Path) -> None:
    code = "import sys; sys.modules['manim'] = None\nfrom tensorreel.cli import main\nmain()"
    args = ["diff", str(old), "--without", "norm"]
    ended = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_mask_makes_cells_minus_infinity_in_json_too(old: Path) -> None:
    scores = next(s for s in facts(old, "--causal")["stages"] if s["stage"] == "attn-scores")
    assert scores["output"]["after"] == "-inf"
