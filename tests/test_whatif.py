"""The engine run again with one thing changed, as scenes show it: its numbers, its sentence, and the audit of both."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tensorreel.core.engine import forward
from tensorreel.core.quantity import varied_by
from tensorreel.film.draw import manim_setup
from tensorreel.models import tiny_model
from tensorreel.review.recipes import Reckoner
from tensorreel.review.recompute import ReferencePass
from tensorreel.variations.change import varied

manim_setup.import_manim()

from tensorreel.visuals.matrix.display_tensor import DisplayTensor  # noqa: E402
from tensorreel.visuals.whatif.run_again import run_again  # noqa: E402

MODEL = tiny_model()


def scene(model: Any = MODEL) -> Any:
    return SimpleNamespace(trace=forward(model))


def answers(trace: Any) -> DisplayTensor:
    return DisplayTensor(trace["probs"], trace["probs"])


def test_a_changed_number_is_recomputed_with_its_change() -> None:
    stage = scene()
    run = run_again(stage, "without position")
    assert run is not None
    real = answers(stage.trace)
    quantity = run.show(real)[-1, 5]
    reckoner = Reckoner(ReferencePass(MODEL, MODEL.tokens))
    assert float(reckoner.value(quantity)) == pytest.approx(quantity.value, abs=1e-12)
    assert float(reckoner.value(quantity)) != pytest.approx(float(reckoner.value(real[-1, 5])), abs=1e-3)
    wrong = varied_by(["without relu"], quantity.args[1])
    assert reckoner.printed(wrong, 3) != reckoner.printed(quantity, 3)


def test_what_a_model_has_not_is_not_asked() -> None:
    assert run_again(scene(varied(MODEL, ["without norm"])), "without norm") is None
    causal = replace(MODEL, config=replace(MODEL.config, causal=True))
    assert run_again(scene(causal), "causal") is None
    assert run_again(scene(), "without head:9") is None
