"""A training that records itself leaves what ``evolve`` reads: its weights, what no tensor tells, and its losses."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import tensorreel  # noqa: E402
from tensorreel.core.model import Model  # noqa: E402
from tensorreel.errors import InputError, UsageProblem  # noqa: E402
from tensorreel.models.reading import read_model  # noqa: E402
from tensorreel.torch import Recorder, trainer_callback  # noqa: E402
from tensorreel.variations.scalars import read_scalars  # noqa: E402
from tensorreel.variations.steps import by_step  # noqa: E402
from tensorreel.variations.training import trained  # noqa: E402
from tests.test_checkpoints import made  # noqa: E402

WORDS = list("abcdefghi")
SAID: dict[str, Any] = {"words": WORDS, "tokens": ["b", "a"], "causal": True}


def train(recorder: Recorder, steps: int = 5) -> list[Model]:
    """Steps of a training whose loss falls; the model at each, as it was when its loss was computed."""
    seen = []
    descent = torch.optim.SGD(recorder.module.parameters(), lr=0.01)
    for step in range(steps):
        loss = sum((p * p).sum() for p in recorder.module.parameters())
        recorder.step(step, loss=loss, rate=0.01)
        seen.append(tensorreel.from_module(recorder.module, **recorder.stated))
        descent.zero_grad()
        loss.backward()
        descent.step()
    return seen


@pytest.mark.parametrize(
    "choice", [{}, {"norm_first": True, "activation": "gelu", "last": True, "attending": True}], ids=str
)
def test_a_training_is_read_back(choice: dict[str, Any], tmp_path: Path) -> None:
    seen = train(Recorder(made(**choice)[0], every=2, folder=tmp_path, **SAID))
    found = trained(by_step([tmp_path]), read_model, lambda model: model.tokens)
    assert [c.step for c in found] == [0, 2, 4]
    for checkpoint in found:
        model, true = checkpoint.trace.model, seen[checkpoint.step]
        assert (model.architecture, model.config) == (true.architecture, true.config)
        assert (model.words, checkpoint.trace.tokens, model.origin) == (tuple(WORDS), (1, 0), "training")
        assert all(np.array_equal(model.params[k], true.params[k]) for k in true.params)
    assert not np.array_equal(seen[0].params["E"], seen[2].params["E"])
    log = read_scalars(tmp_path / "log.csv")
    assert (log.name, log.steps) == ("loss", (0, 1, 2, 3, 4))
    assert list(log.values) == sorted(log.values, reverse=True)
    assert read_scalars(tmp_path / "log.csv", "rate").values == (0.01,) * 5


def test_embeddings_beside_an_encoder_get_their_names(tmp_path: Path) -> None:
    module = made()[0].float()
    said = {"embedding": module.E, "positions": module.P, "causal": False}
    Recorder(module.encoder, folder=tmp_path, **said).step(0)
    model = read_model(tmp_path / "step-000000.safetensors")
    assert np.array_equal(model.params["E"], module.E.detach().double().numpy())
    assert b'"F32"' in (tmp_path / "step-000000.safetensors").read_bytes(), "a float32 is kept as one"


def test_what_is_missing_is_said_before_a_step(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected causal="):
        Recorder(made()[0], folder=tmp_path / "new")
    with pytest.raises(UsageProblem, match="every 0"):
        Recorder(made()[0], folder=tmp_path / "new", every=0, causal=True)
    assert list(tmp_path.iterdir()) == []


def test_another_training_is_not_mixed_in(tmp_path: Path) -> None:
    module = made()[0]
    train(Recorder(module, every=1, folder=tmp_path, causal=True), 3)
    with pytest.raises(UsageProblem, match="holds checkpoints"):
        Recorder(module, folder=tmp_path, causal=True)
    again = Recorder(module, every=1, folder=tmp_path, overwrite=True, causal=True)
    assert len([*tmp_path.glob("step-*")]) == 3, "nothing is lost before a step is trained"
    again.step(7, loss=1)
    assert [path.name for path in tmp_path.glob("step-*")] == ["step-000007.safetensors"]
    with pytest.raises(UsageProblem, match="scalars acc, expected loss"):
        again.step(8, acc=1)
    assert (tmp_path / "log.csv").read_text().split() == ["step,loss", "7,1.0"], "whole before it is closed"


def test_weights_that_went_astray_end_no_training(tmp_path: Path) -> None:
    module = made()[0]
    recorder = Recorder(module, every=1, folder=tmp_path, causal=True)
    with torch.no_grad():
        module.E[0, 0] = math.nan
    recorder.step(0, loss=math.nan)
    with pytest.raises(InputError, match="1 non-finite value, first at"):
        read_model(tmp_path / "step-000000.safetensors")


def test_the_module_imports_no_pytorch() -> None:
    code = "import sys, tensorreel.torch; assert not {'torch', 'numpy', 'manim'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_trainer_is_asked_for_its_loss_at_each_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As transformers calls it: the end of a step, then the log that it asked for."""
    library = ModuleType("transformers")
    library.TrainerCallback = type("TrainerCallback", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "transformers", library)
    callback = trainer_callback(Recorder(made()[0], every=2, folder=tmp_path, causal=True))
    for step in range(1, 6):
        state: Any = type("State", (), {"global_step": step})
        control: Any = type("Control", (), {"should_log": False})
        callback.on_step_end(None, state, control)
        assert control.should_log == (step % 2 == 0)
        if control.should_log:
            callback.on_log(None, state, control, logs={"loss": 1 / step})
    callback.on_log(None, state, control, logs={"train_runtime": 1.0})
    assert read_scalars(tmp_path / "log.csv").steps == (2, 4)
    assert [step for step, _ in by_step([tmp_path])] == [2, 4]


def speller() -> Any:
    """What comes behind two letters, in the form that a trainer calls."""

    class Speller(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = made()[0].float()

        def forward(self, ids: Any, labels: Any) -> dict[str, Any]:
            hidden = self.inner.encoder(self.inner.E[ids] + self.inner.P[: ids.shape[1]])
            logits = hidden[:, -1] @ self.inner.E.T
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    return Speller()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of a library that we do not answer for
def test_a_trainer_of_transformers_trains_what_evolve_shows(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("accelerate", reason="accelerate, which its trainer wants, is not installed")
    from click.testing import CliRunner

    from tensorreel.cli import main

    module, folder = speller(), tmp_path / "kept"
    data = [{"ids": torch.tensor([k % 9, 1]), "labels": torch.tensor(2)} for k in range(20)]
    options = {"max_steps": 5, "report_to": [], "save_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    recorder = Recorder(
        module, every=2, folder=folder, embedding="inner.E", positions="inner.P", causal=False
    )
    transformers.Trainer(
        module,
        transformers.TrainingArguments(str(tmp_path / "own"), **options),
        train_dataset=data,
        callbacks=[trainer_callback(recorder)],
    ).train()
    log = ["--scalars", str(folder / "log.csv"), "--check"]
    result = CliRunner().invoke(main, ["evolve", str(folder), *log], standalone_mode=False)
    assert result.exception is None, result.output
    assert result.output.startswith("2 checkpoints")
