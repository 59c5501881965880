"""The notebook: plain NumPy that imports nothing of ours, computes the engine's numbers and prints the film's."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from typing import Any

import nbformat
import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.model import Model
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.publish.export.notebook import MOST, as_notebook
from tensorreel.variations.change import varied
from tests.architectures import OTHERS, small_model

CLOSE = 1e-12
MODELS: dict[str, Model] = {"tiny": tiny_model(), **sample_models()}
MODELS |= {name: small_model(architecture) for name, architecture in OTHERS.items()}
WHAT_IF = ("position", "scale", "attention", "residual", "norm", "relu", "head:1")
MODELS |= {f"without {part}": varied(tiny_model(), [f"without {part}"]) for part in WHAT_IF}


def code(data: bytes) -> list[str]:
    return ["".join(c["source"]) for c in json.loads(data)["cells"] if c["cell_type"] == "code"]


def played(trace: Trace) -> list[tuple[str, dict[str, Any]]]:
    """What each cell printed, and the variables after it."""
    known: dict[str, Any] = {}
    found = []
    for cell in code(as_notebook(trace, "en")):
        out = io.StringIO()
        with redirect_stdout(out):
            exec(cell, known)
        found.append((out.getvalue(), dict(known)))
    return found


def assert_prints(text: str, values: Any, decimals: int) -> None:
    """The numbers of a print are those of a tensor, rounded."""
    numbers = [float(x) for x in re.findall(r"-?inf|-?\d+(?:\.\d+)?", text.partition("\n")[2])]
    np.testing.assert_allclose(numbers, np.ravel(values), rtol=0, atol=0.5001 * 10.0**-decimals)


@pytest.mark.parametrize("name", MODELS)
def test_each_cell_computes_the_engine_s_stage_and_prints_it(name: str) -> None:
    trace = forward(MODELS[name])
    table, layers = trace.model.architecture, range(trace.model.config.n_layers)
    order = [(s, None) for s in table.prologue] + [(s, n) for n in layers for s in table.layer]
    order += [(s, None) for s in table.epilogue]
    cells = [(out, known) for out, known in played(trace) if out]
    assert len(cells) == len(order)
    for (out, known), (stage, layer) in zip(cells, order, strict=True):
        tensor = trace.results[stage.name, layer]
        np.testing.assert_allclose(known[stage.name], tensor.values, rtol=0, atol=CLOSE)
        assert out.startswith(f"{tensor.symbol_plain} {' '.join(map(str, tensor.shape))}\n")
        assert_prints(out, tensor.values, tensor.decimals)
        for way in table.on_the_way(stage):
            np.testing.assert_allclose(known[way.name], trace.results[way.name, layer].values, atol=CLOSE)


def test_it_imports_nothing_of_ours_and_is_valid() -> None:
    data = as_notebook(forward(tiny_model()), "ja")
    assert "tensorreel" not in "\n".join(code(data))
    nbformat.validate(nbformat.reads(data.decode(), as_version=4))


def test_a_large_model_is_refused_with_the_limit() -> None:
    with pytest.raises(UsageProblem, match=f"expected at most {MOST}"):
        as_notebook(forward(large_model()), "en")


@pytest.mark.slow
def test_jupyter_executes_it() -> None:
    from nbclient import NotebookClient

    book = nbformat.reads(as_notebook(forward(tiny_model()), "en").decode(), as_version=4)
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    last = book.cells[-1].outputs[0].text
    assert_prints(last, forward(tiny_model())["probs"].values, forward(tiny_model())["probs"].decimals)
