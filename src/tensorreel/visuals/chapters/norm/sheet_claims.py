"""What a reader can work out on the sheet of LayerNorm, from its last line back to its first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tensorreel.core.printed import Calculation, Operand, divided, less, summed
from tensorreel.core.quantity import Quantity, total
from tensorreel.visuals.matrix.norm_row import NormRow


def sheet_claims(norm: NormRow, rows: Mapping[str, Sequence[Quantity]]) -> list[Calculation]:
    """Each line from those above it; ``rows`` are the lines with a number for each column, by their names."""
    line = {key: [Operand(key, q.value) for q in row] for key, row in rows.items()}
    mean, variance, sigma, eps = (
        Operand(key, q.value)
        for key, q in (
            ("mean", norm.mean),
            ("variance", norm.variance),
            ("sigma", norm.sigma),
            ("eps", norm.eps),
        )
    )
    of_x = Operand("sum for mean", total(norm.values).value)
    of_squares = Operand("sum for variance", total(norm.squares).value)
    d = Decimal(len(norm.values))
    scaled = zip(line["normal"], line["gamma"], line["beta"], strict=True)
    return [
        Calculation(lambda n, g, b: n * g + b, list(zip(scaled, line["out"], strict=True))),
        Calculation(
            divided, [((v, sigma), n) for v, n in zip(line["deviations"], line["normal"], strict=True)]
        ),
        Calculation(lambda v, e: (v + e).sqrt(), [((variance, eps), sigma)]),
        Calculation(lambda s: s / d, [((of_squares,), variance)]),
        Calculation(summed, [(line["squares"], of_squares)]),
        Calculation(
            lambda v: v * v, [((v,), s) for v, s in zip(line["deviations"], line["squares"], strict=True)]
        ),
        Calculation(less, [((x, mean), v) for x, v in zip(line["x"], line["deviations"], strict=True)]),
        Calculation(lambda s: s / d, [((of_x,), mean)]),
        Calculation(summed, [(line["x"], of_x)]),
    ]
