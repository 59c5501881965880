"""Printed arithmetic holds as printed: enough digits to work with, and rows of shares that add up."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from tensorreel.cli.grids import grid
from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import format_number, shares_as_printed
from tensorreel.core.printed import Calculation, Operand, enough, multiplied, summed
from tensorreel.core.quantity import cell, total
from tensorreel.film.make.recording import seen
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.review import arithmetic, relations
from tensorreel.review.rounding import adding_up, rounded
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Relation, printed_digits
from tensorreel.visuals.look import theme
from tensorreel.visuals.product.ledger import Ledger

PEN = Pen(theme.DARK)
MODELS = {"ja": tiny_model("ja"), "en": tiny_model("en"), **sample_models()}
TRACES = [forward(MODELS[name]) for name in ("ja", "en", "largest", "causal", "one-token", "three-heads")]


def test_an_operand_gets_the_digits_that_make_its_product_hold() -> None:
    claim = Calculation(
        multiplied, [((Operand("a", 0.0831), Operand("b", 0.1523)), Operand("ab", 0.0831 * 0.1523))]
    )
    given = {"a": 2, "b": 2, "ab": 3}
    found = enough(given, [claim])
    assert not claim.holds(given)
    assert claim.holds(found)
    assert found == {"a": 3, "b": 3, "ab": 3}  # one more digit does, and a result keeps its own


def test_a_sum_decides_its_terms_and_these_their_operands() -> None:
    pairs = [(0.1249, 1.0), (0.1249, 1.0)]
    lines = Calculation(
        multiplied, [((Operand("a", a), Operand("b", b)), Operand("ab", a * b)) for a, b in pairs]
    )
    whole = Calculation(summed, [([Operand("ab", a * b) for a, b in pairs], Operand("sum", 0.2498))])
    found = enough({"a": 2, "b": 0, "ab": 2, "sum": 2}, [whole, lines])
    assert found == {"a": 3, "b": 0, "ab": 3, "sum": 2}


def test_what_no_digit_mends_keeps_its_digits() -> None:
    given = {"a": 1, "c": 1}
    assert enough(given, [Calculation(summed, [([Operand("a", 1.0)], Operand("c", 2.0))])]) == given


def test_every_line_of_a_ledger_with_room_follows() -> None:
    trace = TRACES[0].at(layer=0)
    a, b, c = (trace[name] for name in ("ffn_hidden", "W_2", "ffn_output"))
    for i, j in np.ndindex(*c.shape):
        pairs = [(cell(a, i, p), cell(b, p, j)) for p in range(b.shape[0])]
        bias = cell(trace["b_2"], j)
        decimals = a.decimals, b.decimals, c.decimals
        made = Ledger(
            pairs, cell(c, i, j), PEN, decimals=decimals, colors=("#FFFFFF",) * 3, bias=bias, left=1.0
        )
        assert all(relations.follows(line.relation) for line in made.lines)
        assert relations.follows(made.relation)
        assert made.sum.decimals == c.decimals


def test_the_matrices_digits_stay_where_there_is_no_room() -> None:
    trace = TRACES[0].at(layer=0)
    a, b, c = (trace[name] for name in ("ffn_hidden", "W_2", "ffn_output"))
    pairs = [(cell(a, 0, p), cell(b, p, 1)) for p in range(b.shape[0])]
    made = Ledger(pairs, cell(c, 0, 1), PEN, decimals=(2, 1, 2), colors=("#FFFFFF",) * 3, left=1.0, right=1.5)
    assert made.digits == made.given
    assert made.em == theme.SIZE_NUMBER_MIN


@pytest.mark.parametrize(
    ("left", "right", "good"),
    [
        ("0.08×0.15", "0.012", True),
        ("0.08×0.15", "0.013", False),
        ("e^(−1.59)", "0.20", True),
        ("e^(−1.70)", "0.20", False),
        ("−1.16−0.95", "−2.11", True),
    ],
)
def test_a_result_follows_within_half_a_unit(left: str, right: str, good: bool) -> None:
    assert arithmetic.comes_out(left, right) is good


def test_a_whole_number_follows_exactly() -> None:
    assert not arithmetic.comes_out("(0.37)+(0.64)", "1", exactly=True)
    assert arithmetic.comes_out("(0.36)+(0.64)", "1", exactly=True)


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("name", ["attn_weights", "probs"])
def test_a_row_of_shares_adds_up_as_printed(trace: Trace, name: str) -> None:
    tensor = trace[name]
    for index in np.ndindex(*tensor.shape[:-1]):
        texts = [format_number(x, tensor.decimals) for x in tensor.printed_row(*index)]
        exact = [Decimal(repr(x)) for x in tensor.values[index].tolist()]
        assert texts == adding_up(exact, tensor.decimals)  # two writings of one rule
        unit = Decimal(1).scaleb(-tensor.decimals)
        if not any("e" in text for text in texts):
            assert all(abs(Decimal(t) - x) < unit for t, x in zip(texts, exact, strict=True))
            assert sum(map(Decimal, texts)) == 1


def test_what_cannot_be_mended_keeps_its_nearest_digits() -> None:
    for row in ([1 / 3] * 3, [0.996, 0.004], [0.0, 1.0]):
        assert shares_as_printed(np.array(row), 2).tolist() == row
        assert adding_up([Decimal(repr(x)) for x in row], 2) == [rounded(Decimal(repr(x)), 2) for x in row]


def test_a_row_that_does_not_add_up_says_about() -> None:
    third = cell(TRACES[0]["probs"], 0, 0)
    one = Numeral(total([third]), PEN, decimals=0)
    assert Relation(total([third]), one, PEN, terms=["0.33", "0.33", "0.33"]).text == "≈"


def test_film_terminal_and_key_have_the_same_digits() -> None:
    tensor = next(t["probs"] for t in TRACES if (t["probs"].printed != t["probs"].values).any())
    trace = next(t for t in TRACES if t["probs"] is tensor)
    film = [
        [printed_digits(cell(tensor, i, j), tensor.decimals) for j in range(tensor.shape[1])]
        for i in range(2)
    ]
    lines = [line.split() for line in grid(tensor, trace) if line.split()]
    for row in film:
        assert any(line[-len(row) :] == row for line in lines)
    assert seen(tensor, tensor)[-1][: tensor.shape[1]] == film[0]
