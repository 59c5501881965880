"""PyTorch as the oracle: every tensor of the trace, and whole layers, on random models to 1e-10."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip(
    "torch", reason="no PyTorch to compare with: tools/parity, or the extra tensorreel[parity]"
)
import torch
import torch.nn.functional as F
from torch import nn

from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.models.samples import random_model, sample_models

CLOSE = 1e-10


def models() -> dict[str, Model]:
    """60 random models, L 1–3, h 1–4, T 1–12, half of them causal, and all named samples."""
    out = dict(sample_models())
    for seed in range(60):
        rng = np.random.default_rng(1000 + seed)
        h, T = 1 + seed % 4, 1 + seed % 12
        sizes: dict[str, Any] = {"h": h, "T": T, "d": h * int(rng.integers(1, 4)), "L": 1 + seed % 3}
        sizes |= {"V": int(rng.integers(2, 14)), "d_ff": int(rng.integers(1, 14))}
        sizes["d"] += h if sizes["d"] == 1 else 0
        out[f"random-{seed}"] = random_model(rng, causal=bool(seed // 2 % 2), **sizes)
    return out


MODELS = models()
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def t(array: object) -> torch.Tensor:
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def reference_layer(
    p: dict[str, torch.Tensor], hidden: torch.Tensor, causal: bool, eps: float
) -> dict[str, torch.Tensor]:
    """Every tensor of one layer with torch.nn.functional; W_Q, W_K and W_V are (h, d, d_k)."""
    r = {
        name: torch.stack([F.linear(hidden, w.T) for w in p[f"W_{name[0].upper()}"]])
        for name in ("query", "key", "value")
    }
    T, d = hidden.shape
    r["attn_dot"] = torch.einsum("htk,hsk->hts", r["query"], r["key"])
    allowed = torch.ones(T, T, dtype=torch.bool).tril() if causal else torch.ones(T, T, dtype=torch.bool)
    r["attn_scores"] = (r["attn_dot"] / r["key"].shape[-1] ** 0.5).masked_fill(~allowed, -torch.inf)
    r["attn_weights"] = F.softmax(r["attn_scores"], dim=-1)
    r["context"] = torch.einsum("hts,hsk->htk", r["attn_weights"], r["value"])
    r["heads"] = F.scaled_dot_product_attention(r["query"], r["key"], r["value"], attn_mask=allowed)
    r["concat"] = r["heads"].permute(1, 0, 2).reshape(T, d)
    r["attn_output"] = F.linear(r["concat"], p["W_O"].T)
    r["attn_residual"] = hidden + r["attn_output"]
    r["attn_norm"] = F.layer_norm(r["attn_residual"], (d,), p["gamma_1"], p["beta_1"], eps)
    r["ffn_pre"] = F.linear(r["attn_norm"], p["W_1"].T, p["b_1"])
    r["ffn_hidden"] = F.relu(r["ffn_pre"])
    r["ffn_output"] = F.linear(r["ffn_hidden"], p["W_2"].T, p["b_2"])
    r["ffn_residual"] = r["attn_norm"] + r["ffn_output"]
    r["ffn_norm"] = F.layer_norm(r["ffn_residual"], (d,), p["gamma_2"], p["beta_2"], eps)
    return r


def layer_parameters(trace: Trace) -> dict[str, torch.Tensor]:
    names = ["W_Q", "W_K", "W_V", "W_O", "gamma_1", "beta_1", "W_1", "b_1", "W_2", "b_2", "gamma_2", "beta_2"]
    return {name: t(trace[name].values) for name in names}


def close(got: object, wanted: torch.Tensor, what: str) -> None:
    """Equal to 1e-10, absolutely and relative to the value."""
    np.testing.assert_allclose(np.asarray(got), wanted.detach().numpy(), rtol=CLOSE, atol=CLOSE, err_msg=what)


@each_model
def test_every_tensor_equals_pytorchs(model: Model) -> None:
    trace, config = forward(model), model.config
    E, P = t(model.param("E")), t(model.param("P"))
    X = F.embedding(torch.tensor(trace.tokens), E)
    close(trace["token_embedding"].values, X, "token_embedding")
    hidden = X + F.embedding(torch.arange(len(trace.tokens)), P)
    close(trace["embedding"].values, hidden, "embedding")
    for layer in range(config.n_layers):
        seen = trace.at(layer=layer)
        close(seen["hidden"].values, hidden, f"hidden {layer}")
        reference = reference_layer(layer_parameters(seen), hidden, config.causal, config.eps)
        for name, wanted in reference.items():
            close(seen[name].values, wanted, f"{name} {layer}")
        hidden = reference["ffn_norm"]
    close(trace["last_hidden_state"].values, hidden, "last_hidden_state")
    logits = F.linear(hidden, E)
    close(trace["logits"].values, logits, "logits")
    close(trace["probs"].values, F.softmax(logits, dim=-1), "probs")


def encoder_layer(trace: Trace) -> nn.TransformerEncoderLayer:
    """PyTorch's own layer with the weights of a layer of the trace."""
    c, p = trace.model.config, layer_parameters(trace)
    made = nn.TransformerEncoderLayer(
        c.d_model, c.n_heads, c.d_ff, dropout=0.0, activation="relu", layer_norm_eps=c.eps,
        batch_first=True, norm_first=False, dtype=torch.float64,
    )  # fmt: skip
    packed = [p[name].permute(0, 2, 1).reshape(c.d_model, c.d_model) for name in ("W_Q", "W_K", "W_V")]
    zero = torch.zeros(c.d_model, dtype=torch.float64)
    state = {"self_attn.in_proj_weight": torch.cat(packed), "self_attn.in_proj_bias": zero.repeat(3)}
    state |= {"self_attn.out_proj.weight": p["W_O"].T, "self_attn.out_proj.bias": zero}
    state |= {"linear1.weight": p["W_1"].T, "linear1.bias": p["b_1"]}
    state |= {"linear2.weight": p["W_2"].T, "linear2.bias": p["b_2"]}
    state |= {"norm1.weight": p["gamma_1"], "norm1.bias": p["beta_1"]}
    state |= {"norm2.weight": p["gamma_2"], "norm2.bias": p["beta_2"]}
    made.load_state_dict(state)
    return made


@each_model
def test_whole_layers_equal_pytorchs(model: Model) -> None:
    trace = forward(model)
    T = len(trace.tokens)
    mask = torch.ones(T, T, dtype=torch.bool).triu(1) if model.config.causal else None
    hidden = t(trace["embedding"].values)[None]
    for layer in range(model.config.n_layers):
        seen = trace.at(layer=layer)
        reference = encoder_layer(seen)
        attended, weights = reference.self_attn(
            hidden, hidden, hidden, attn_mask=mask, average_attn_weights=False
        )
        close(seen["attn_output"].values, attended[0], f"MultiheadAttention {layer}")
        close(seen["attn_weights"].values, weights[0], f"attention weights {layer}")
        hidden = reference(hidden, src_mask=mask)
        close(seen["ffn_norm"].values, hidden[0], f"TransformerEncoderLayer {layer}")
    close(trace["last_hidden_state"].values, hidden[0], "last_hidden_state")


@each_model
def test_the_heads_path_gives_the_context(model: Model) -> None:
    trace = forward(model)
    for layer in range(model.config.n_layers):
        seen = trace.at(layer=layer)
        np.testing.assert_allclose(seen["heads"].values, seen["context"].values, rtol=1e-12, atol=1e-12)
