"""A live module gives the numbers that PyTorch computes, without a file; what it does not tell is asked for by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorreel
from tensorreel.errors import InputError

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from tests.test_checkpoints import assert_same, made  # noqa: E402

LEFT = ("n_heads", "norm", "final_norm", "activation", "eps")  # what a state dict does not tell


@pytest.mark.parametrize("causal", [True, False])
def test_a_module_runs_as_pytorch_does(causal: bool) -> None:
    module, _ = made(causal=causal, heads=4, eps=1e-3)
    model = tensorreel.from_module(module, causal=causal, words=list("abcdefghi"))
    assert (model.config.n_heads, model.config.eps, model.words[:2]) == (4, 1e-3, ("a", "b"))
    assert_same(module, model, causal)


def test_gelu_by_tanh_is_told_from_the_exact_one() -> None:
    """As the layers say; the fused ones that PyTorch takes in evaluation compute the exact one for both."""
    module, _ = made(activation=torch.nn.GELU("tanh"))
    module.train()
    assert_same(module, tensorreel.from_module(module, causal=False))


def test_a_state_dict_needs_the_rest_said() -> None:
    module, true = made()
    assert_same(module, tensorreel.from_module(module.state_dict(), **true))
    for key in LEFT:
        with pytest.raises(InputError, match=f"expected {key}="):
            tensorreel.from_module(module.state_dict(), **{k: v for k, v in true.items() if k != key})


def test_embeddings_are_named_or_given() -> None:
    module, _ = made()
    model = tensorreel.from_module(module.encoder, embedding=module.E, positions=module.P, causal=False)
    assert np.array_equal(model.params["E"], module.E.detach().numpy())
    with pytest.raises(InputError, match=r"embedding=… \(the token embeddings\), positions=…"):
        tensorreel.from_module(module.encoder, causal=False)
    with pytest.raises(InputError, match="no 'tok'"):
        tensorreel.from_module(module, embedding="tok", causal=False)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"activation": torch.nn.SiLU()}, "activation: silu, expected relu or gelu"),
        ({"last": True, "plain": True}, "gamma_f: missing"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tensorreel.from_module(made(**choice)[0], causal=False)


def test_what_the_layers_say_is_not_overruled() -> None:
    with pytest.raises(InputError, match=r"eps: 0\.5"):
        tensorreel.from_module(made()[0], causal=False, eps=0.5)
