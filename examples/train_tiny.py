"""Train a Transformer of the article's sizes on six sentences, and keep 30 checkpoints of it.

python examples/train_tiny.py runs/tiny        (needs tensorreel[torch]; a few seconds)
tensorreel evolve runs/tiny --scalars runs/tiny/log.csv -o reel.mp4
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from tensorreel.torch import Recorder

V, T, d, h, d_ff, EPS = 8, 5, 4, 2, 6, 1e-5
WORDS = ["one", "two", "ten", "to", "is", "a", "rise", "fall"]
CORPUS = [
    "one to two is a rise",
    "one to ten is a rise",
    "two to ten is a rise",
    "two to one is a fall",
    "ten to one is a fall",
    "ten to two is a fall",
]
EVERY, CHECKPOINTS = 20, 30  # steps between two checkpoints, and how many there are


def parameters() -> dict[str, torch.Tensor]:
    """Tensors by their names in model files: normal weights, γ = 1, β = b = 0."""
    layer = {"W_Q": (h, d, d // h), "W_K": (h, d, d // h), "W_V": (h, d, d // h), "W_O": (d, d)}
    layer |= {"W_1": (d, d_ff), "W_2": (d_ff, d)}
    p = {"E": torch.randn(V, d), "P": torch.randn(T, d)}
    p |= {f"layers.0.{name}": torch.randn(shape) / d**0.5 for name, shape in layer.items()}
    p |= {f"layers.0.{name}": torch.ones(d) for name in ("gamma_1", "gamma_2")}
    p |= {
        f"layers.0.{name}": torch.zeros(n)
        for name, n in (("beta_1", d), ("beta_2", d), ("b_1", d_ff), ("b_2", d))
    }
    return {name: tensor.requires_grad_() for name, tensor in p.items()}


def logits(p: dict[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    """What stands behind the last word, (n, V), of sentences (n, T)."""
    w = {name.removeprefix("layers.0."): tensor for name, tensor in p.items()}
    hidden = w["E"][ids] + w["P"]
    q, k, v = (torch.einsum("ntd,hdk->nhtk", hidden, w[name]) for name in ("W_Q", "W_K", "W_V"))
    heads = F.softmax(q @ k.mT / (d // h) ** 0.5, dim=-1) @ v
    output = heads.transpose(1, 2).flatten(2) @ w["W_O"]
    hidden = F.layer_norm(hidden + output, (d,), w["gamma_1"], w["beta_1"], EPS)
    output = F.relu(hidden @ w["W_1"] + w["b_1"]) @ w["W_2"] + w["b_2"]
    return F.layer_norm(hidden + output, (d,), w["gamma_2"], w["beta_2"], EPS)[:, -1] @ w["E"].T


def main(folder: Path) -> None:
    """Train, and write ``step-000000.safetensors`` … and ``log.csv`` into a folder."""
    torch.manual_seed(14)
    sentences = torch.tensor([[WORDS.index(word) for word in line.split()] for line in CORPUS])
    p = parameters()
    steps = torch.optim.Adam(p.values(), lr=0.002)
    said = {"words": WORDS, "tokens": sentences[1, :T].tolist(), "n_heads": h, "eps": EPS}
    recorder = Recorder(p, every=EVERY, folder=folder, overwrite=True, **said)
    for step in range(EVERY * (CHECKPOINTS - 1) + 1):
        loss = F.cross_entropy(logits(p, sentences[:, :T]), sentences[:, T])
        recorder.step(step, loss=loss)
        steps.zero_grad()
        loss.backward()
        steps.step()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/tiny"))
