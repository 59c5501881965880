"""The workbook computes what the engine computes, in LibreOffice, also after a weight was changed in it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from tensorreel.cli import main
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.publish.export import checking
from tensorreel.publish.export.checking import check_workbook
from tensorreel.publish.export.formulas import MASKED
from tensorreel.publish.export.workbook import MOST, Homes, write_workbook
from tensorreel.variations.change import varied
from tests.architectures import OTHERS, small_model
from tests.offices import needs_office
from tests.stub import edited

CLOSE = 1e-9
MODELS = {
    "tiny": tiny_model(),
    **{k: m for k, m in sample_models().items() if k in ("causal", "largest", "smallest")},
}
EDITS = {
    "E": (1, 2),
    "P": (0, 1),
    "layers.0.W_Q": (1, 2, 0),
    "layers.1.W_2": (3, 1),
    "layers.1.gamma_1": (2,),
}


def recalculated(path: Path, folder: Path) -> Any:
    """The workbook as LibreOffice computes it: without a number that we wrote down for a formula."""
    bare = openpyxl.load_workbook(path)
    bare.save(folder / "bare.xlsx")  # openpyxl keeps formulas and drops their values
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder / "out"), str(folder / "bare.xlsx")],
        check=True,
        capture_output=True,
    )
    return openpyxl.load_workbook(folder / "out" / "bare.xlsx", data_only=True)


def number(value: Any) -> float:
    return -np.inf if value == MASKED else float(value)


def assert_computes(book: Any, homes: Homes, trace: Trace) -> int:
    """Every cell of every tensor that stands in the workbook is the engine's; returns how many there are."""
    count = 0
    for (name, layer, head), place in homes.items():
        if name == "tokens":
            continue
        tensor = trace.results[name, layer]
        values = (tensor.values if head is None else tensor.values[head]).reshape(place.values.shape)
        sheet = book[place.sheet]
        for (i, j), value in np.ndenumerate(values):
            found = number(sheet.cell(place.row + 1 + i, place.col + 1 + j).value)
            assert found == value or abs(found - value) < CLOSE, (name, layer, head, i, j, found, value)
            count += 1
    return count


@pytest.mark.parametrize("name", MODELS)
def test_what_is_written_down_for_each_formula_is_the_engine_s(name: str, tmp_path: Path) -> None:
    trace = forward(MODELS[name])
    homes = write_workbook(trace, tmp_path / "m.xlsx", "en")
    written = assert_computes(openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True), homes, trace)
    there = {(tensor, layer) for tensor, layer, _ in homes}
    assert there >= {(t.name, t.layer) for t in trace.results.values() if t.name != "hidden"}
    assert written == sum(t.values.size for t in trace.results.values() if t.name != "hidden")


def test_every_number_that_is_computed_is_a_formula(tmp_path: Path) -> None:
    trace = forward(tiny_model())
    homes = write_workbook(trace, tmp_path / "m.xlsx", "en")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    for (name, _, _), place in homes.items():
        value = book[place.sheet].cell(place.row + 1, place.col + 1).value
        given = name in ARTICLE.parameters or name == "tokens"
        assert given != str(getattr(value, "text", value)).startswith("="), name


@pytest.mark.parametrize("name", MODELS)
def test_the_audit_s_path_finds_nothing_wrong(name: str) -> None:
    found = check_workbook(forward(MODELS[name]))
    assert found.findings == []
    assert found.numbers > 10


def test_a_number_that_is_not_the_model_s_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def off(trace: Trace, *rest: Any) -> Homes:
        homes = write_workbook(trace, *rest)
        place = homes["context", 1, 0]
        values = place.values.copy()
        values[2, 1] += 1e-6
        return {**homes, ("context", 1, 0): replace(place, values=values)}

    monkeypatch.setattr(checking, "write_workbook", off)
    (line,) = check_workbook(forward(tiny_model())).findings
    assert line.startswith("08 context $")
    ended = CliRunner().invoke(main, ["export", "--to", "xlsx", "--check"])
    assert (ended.exit_code, ended.output.splitlines()[-1].partition(", ")[2]) == (1, "1 findings")


@pytest.mark.slow
@needs_office("Calc")
@pytest.mark.parametrize("name", MODELS)
def test_libreoffice_computes_the_engine_s_numbers(name: str, tmp_path: Path) -> None:
    trace = forward(MODELS[name])
    homes = write_workbook(trace, tmp_path / "m.xlsx", "en")
    assert_computes(recalculated(tmp_path / "m.xlsx", tmp_path), homes, trace)


def changed(homes: Homes, path: Path, full: str, index: tuple[int, ...], value: float) -> None:
    """Change a weight in the workbook, as a person does."""
    layer = int(full.split(".")[1]) if "." in full else None
    head = index[0] if len(index) == 3 else None
    place = homes[full.rpartition(".")[2], layer, head]
    i, j = index[-2:] if len(index) > 1 else (0, index[0])
    book = openpyxl.load_workbook(path)
    book[place.sheet].cell(place.row + 1 + i, place.col + 1 + j).value = value
    book.save(path)


@pytest.mark.slow
@needs_office("Calc")
def test_changed_weights_change_every_stage_as_in_the_engine(tmp_path: Path) -> None:
    model: Model = tiny_model()
    homes = write_workbook(forward(model), tmp_path / "m.xlsx", "en")
    for full, index in EDITS.items():
        changed(homes, tmp_path / "m.xlsx", full, index, 1.25)
        model = edited(model, full, index, 1.25)
    trace = forward(model)
    assert abs(trace["probs"].values - forward(tiny_model())["probs"].values).max() > 0.01
    assert_computes(recalculated(tmp_path / "m.xlsx", tmp_path), homes, trace)


def test_large_models_are_refused_with_the_limit(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=f"T = 32, expected at most {MOST['T']}"):
        write_workbook(forward(large_model()), tmp_path / "m.xlsx", "en")
    assert list(tmp_path.iterdir()) == []


def test_a_head_that_is_left_out_and_a_mask_are_computed(tmp_path: Path) -> None:
    for change in ("without head:1", "causal"):
        trace = forward(varied(tiny_model(), [change]))
        homes = write_workbook(trace, tmp_path / "m.xlsx", "en")
        assert assert_computes(openpyxl.load_workbook(tmp_path / "m.xlsx", data_only=True), homes, trace)


@pytest.mark.parametrize(("name", "stage"), [("one-norm", "ffn-sum"), ("gated", "ffn-gate")])
def test_a_stage_without_a_formula_is_refused_by_name(name: str, stage: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=f"--to xlsx: {stage}: no formulas"):
        write_workbook(forward(small_model(OTHERS[name])), tmp_path / "m.xlsx", "en")
    assert list(tmp_path.iterdir()) == []
