"""A decoder in PyTorch with nanoGPT's names, for tests: every number of it random, every part of it can be hooked."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from torch import nn  # noqa: E402


class Norm(nn.Module):
    """LayerNorm, with or without a shift."""

    def __init__(self, width: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width)) if bias else None

    def forward(self, x: Any) -> Any:
        return nn.functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width, bias)
        self.c_proj = nn.Linear(width, width, bias)

    def forward(self, x: Any) -> Any:
        q, k, v = (p.unflatten(-1, (self.heads, -1)).transpose(0, 1) for p in self.c_attn(x).chunk(3, -1))
        mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(mixed.transpose(0, 1).flatten(1))


class Units(nn.Module):
    def __init__(self, width: int, bias: bool, approximate: str) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias)
        self.gelu = nn.GELU(approximate)
        self.c_proj = nn.Linear(4 * width, width, bias)

    def forward(self, x: Any) -> Any:
        return self.c_proj(self.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, bias: bool, approximate: str) -> None:
        super().__init__()
        self.ln_1, self.attn = Norm(width, bias), Attention(width, heads, bias)
        self.ln_2, self.mlp = Norm(width, bias), Units(width, bias, approximate)

    def forward(self, x: Any) -> Any:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class SmallGPT(nn.Module):
    """Tokens, (T,), to logits, (T, V); the output table is that of the tokens."""

    def __init__(
        self, bias: bool = True, approximate: str = "none", *, heads: int = 2, seed: int = 3
    ) -> None:
        super().__init__()
        width, layers = 8, 2
        parts: dict[str, nn.Module] = {"wte": nn.Embedding(11, width), "wpe": nn.Embedding(7, width)}
        parts["h"] = nn.ModuleList([Block(width, heads, bias, approximate) for _ in range(layers)])
        self.transformer = nn.ModuleDict({**parts, "ln_f": Norm(width, bias)})
        self.lm_head = nn.Linear(width, 11, bias=False)
        self.double()
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.normal_(0.0, 0.6, generator=generator)
        self.transformer["wte"].weight = self.lm_head.weight

    def forward(self, tokens: Any) -> Any:
        t = self.transformer
        x = t["wte"](tokens) + t["wpe"](torch.arange(len(tokens)))
        for block in t["h"]:
            x = block(x)
        return self.lm_head(t["ln_f"](x))

    def weights(self) -> dict[str, Any]:
        """Its state dict, each tensor with memory of its own, as a file needs it."""
        return {key: tensor.clone() for key, tensor in self.state_dict().items()}
