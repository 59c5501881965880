"""The number audit has teeth: one changed digit, operand or sign, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.quantity import Count, Terms, cell, count, mean, total
from tensorreel.core.stages import ARTICLE
from tensorreel.models import tiny_model
from tensorreel.models.samples import random_model, sample_models
from tensorreel.review import recount
from tensorreel.review.arithmetic import NotArithmeticError, reach, read
from tensorreel.review.audit import Auditor, audit_case
from tensorreel.review.cases import Case, play
from tensorreel.review.recipes import Reckoner, UnknownRecipeError
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.rounding import rounded
from tensorreel.review.run import audit_one, run
from tensorreel.visuals.lettering.fonts import shape
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Relation
from tensorreel.visuals.look import shapes
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import pitch_for
from tensorreel.visuals.product.ledger import Ledger
from tensorreel.visuals.stage.scene import StageScene

TINY = forward(tiny_model())
Tamper = Callable[["Toy"], Any]


class Toy(StageScene):
    """A grid of H, one product with its relation, and whatever a test does to them."""

    stage = "query"
    tamper: Tamper = staticmethod(lambda toy: None)

    def storyboard(self) -> None:
        h, w = self.show("hidden"), self.show("W_Q")
        self.grid = TensorGrid(h, self.pen, pitch_for([h], self.pen, 0.34), row_names=self.words)
        a, b = h[0, 0], w[1, 0]
        self.a = Numeral(a, self.pen, decimals=1).sit(3, 1)
        self.b = Numeral(b, self.pen, decimals=1, parens=True).sit(4, 1)
        self.product = Numeral(a * b, self.pen, decimals=2).sit(6, 1)
        self.relation = Relation(f"{self.a.text}×{self.b.text}", self.product, self.pen).sit(5, 1)
        with self.beat("only", "One product."):
            self.add(self.grid, self.a, self.b, self.product, self.relation)
            type(self).tamper(self)


def audited(tamper: Tamper) -> Auditor:
    kind = type("Tampered", (Toy,), {"tamper": staticmethod(tamper)})
    return audit_case(Case("query", "tiny", TINY, SceneOptions()), kind=kind)


def test_an_honest_picture_passes_and_is_counted() -> None:
    auditor = audited(lambda toy: None)
    assert auditor.findings == []
    assert auditor.checked >= 20 + 3
    assert auditor.relations == 1


def _other_digits(m: Numeral) -> None:
    m.points = shape(m.text.replace("0", "8"), m.font).points * m.size + m.points.mean(axis=0)


def _other_text(m: Numeral) -> None:
    m.text = m.digits = "9.9"
    m.shaped = shape("9.9", m.font)
    m.points = m.shaped.points * m.size


def _swap(toy: Toy) -> None:
    other = toy.grid.tensor[2, 3]
    toy.b.quantity = other


def _flip_sign(toy: Toy) -> None:
    m = toy.grid.numeral(0, 2)
    m.text = m.digits = m.text.lstrip("−")
    m.shaped = shape(m.text, m.font)
    m.points = m.shaped.points * m.size


def _wrong_relation(toy: Toy) -> None:
    r = toy.relation
    r.text = "≈" if r.text == "=" else "="
    r.shaped = shape(r.text, r.font)
    r.points = r.shaped.points * r.size


def _bare_digit(toy: Toy) -> None:
    toy.add(shapes.filled(shape("7").points * 0.4 + np.array([3.0, -1.0, 0.0]), "#FFFFFF"))


def _digit_in_label(toy: Toy) -> None:
    toy.add(Label("about 3 of them", toy.pen, size=0.3))


def _manim_text(toy: Toy) -> None:
    from manim import VMobject

    sneaky = type("DecimalNumber", (VMobject,), {})(fill_opacity=1)
    sneaky.points = shape("Q").points * 0.4
    toy.add(sneaky)


def _wrong_count(toy: Toy) -> None:
    toy.add(Numeral(count(7, Count.SIZE, "T"), toy.pen, decimals=0).sit(0, -2))


def _wrong_row_check(toy: Toy) -> None:
    row = toy.grid.tensor.row(0)
    one = Numeral(count(1, Count.WHOLE, row), toy.pen, decimals=0).sit(0, -2)
    claim = Relation(total(row), one, toy.pen).sit(-1, -2)
    claim.text, claim.shaped = "=", shape("=", claim.font)
    claim.points = claim.shaped.points * claim.size
    toy.add(one, claim)


def _operand_not_on_screen(toy: Toy) -> None:
    toy.remove(toy.a)
    toy.grid.hide()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda toy: _other_digits(toy.grid.numeral(1, 1)),
        lambda toy: _other_text(toy.grid.numeral(1, 1)),
        lambda toy: _other_text(toy.product),
        _swap,
        _flip_sign,
        _wrong_relation,
        _bare_digit,
        _digit_in_label,
        _manim_text,
        _wrong_count,
        _wrong_row_check,
        _operand_not_on_screen,
    ],
)
def test_one_change_is_found(tamper: Tamper) -> None:
    assert audited(tamper).findings


def test_a_caption_with_a_typed_number_is_found() -> None:
    class Typed(Toy):
        def storyboard(self) -> None:
            with self.beat("only", "There are 5 words."):
                pass

    assert audit_case(Case("query", "tiny", TINY, SceneOptions()), kind=Typed).findings


def test_a_caption_with_a_wrong_quantity_is_found() -> None:
    class Lying(Toy):
        def storyboard(self) -> None:
            with self.beat("only", "There are {n} words.", n=count(6, Count.SIZE, "T")):
                pass

    assert "T = 6" in str(audit_case(Case("query", "tiny", TINY, SceneOptions()), kind=Lying).findings[0])


def test_a_digit_inside_a_word_is_not_taken_for_the_claim() -> None:
    far = forward(sample_models()["far-numbers"])
    length = len(far.tokens)
    assert f"w{length}" in far.model.words

    class Naming(Toy):
        def storyboard(self) -> None:
            text = f"w{length} is beside these {{n}}."
            with self.beat("only", text, n=count(length, Count.SIZE, "T")):
                pass

    assert audit_case(Case("query", "far-numbers", far, SceneOptions()), kind=Naming).findings == []


@pytest.mark.parametrize(("claim", "findings"), [("{n}", 0), ("1", 1)])
def test_a_word_that_begins_with_the_claimed_number_does_not_hide_it(claim: str, findings: int) -> None:
    odd = forward(replace(tiny_model(), words=("1+1=2", *tiny_model().words[1:])))
    claims: dict[str, Any] = {"m": count(odd.model.config.n_layers, Count.SIZE, "L")}
    if claim == "{n}":
        claims["n"] = count(1, Count.LAYER, 0)

    class Naming(Toy):
        def storyboard(self) -> None:
            text = f"1+1=2: layer {claim} of {{m}}."
            with self.beat("only", text, **claims):
                pass

    assert len(audit_case(Case("query", "odd", odd, SceneOptions()), kind=Naming).findings) == findings


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("“w11…19” counts.", 0),  # a word of the model, cut in its middle
        ("“w11…18” counts.", 1),
        ("“w…(3)” counts.", 0),  # one that says its place
        ("“w…(999)” counts.", 1),
        ("“of” (3) counts: (3)", 1),  # a place that nobody claims
    ],
)
def test_a_shortened_word_is_one_of_the_models(text: str, findings: int) -> None:
    odd = forward(replace(tiny_model(), words=("w11111119", *tiny_model().words[1:])))

    class Naming(Toy):
        def storyboard(self) -> None:
            with self.beat("only", text):
                pass

    assert len(audit_case(Case("query", "odd", odd, SceneOptions()), kind=Naming).findings) == findings


# ---- counts ------------------------------------------------------------------------------------------------
def said(n: Any, text: str = "There are {n} of them.", trace: Trace = TINY) -> Auditor:
    """A caption that says a count."""

    class Saying(Toy):
        def storyboard(self) -> None:
            with self.beat("only", text, n=n):
                pass

    return audit_case(Case("query", "tiny", trace, SceneOptions()), kind=Saying)


def row_of(name: str, i: int, head: int | None = None) -> Terms:
    """A row of a tensor of the first layer, as quantities."""
    tensor = TINY.at(layer=0, head=head)[name]
    return Terms(tensor.values[i], lambda j: cell(tensor, i, j))


def most_heads(i: int) -> tuple[int, int]:
    """Where most heads look most from a token, and how many of them."""
    best = [int(TINY.at(layer=0, head=k)["attn_weights"].values[i].argmax()) for k in range(2)]
    return max(best, key=best.count), max(map(best.count, best))


COUNTS = [
    (8, Count.SIZE, "V"),
    (5, Count.HIDDEN, "V", 3),
    (1, Count.HIDDEN, "h", 1),
    (4, Count.TERMS, row_of("hidden", 0)),
    (18, Count.STAGES),
    (17, Count.STAGE, "logits"),
    (1, Count.LAYER, 0),
    (2, Count.HEAD, 1),
    (most_heads(0)[1], Count.HEADS, "attn_weights", 0, 0, most_heads(0)[0]),
    (3, Count.POSITION, 3),
    (7, Count.WORD, 7),
    (TINY.tokens[2], Count.TOKEN, 2),
    (3, Count.PLACE, 2),
    (1, Count.ALIKE, row_of("attn_weights", 0, 0), 2),
    (3, Count.ALIKE, row_of("attn_weights", 0, 0).only([1, 1, 1]), 2),
    (1, Count.ONE_HOT, TINY.tokens[0], TINY.tokens[0]),
    (0, Count.ONE_HOT, TINY.tokens[0], (TINY.tokens[0] + 1) % 8),
    (1, Count.WHOLE, row_of("attn_weights", 0, 0)),
    (1, Count.ROW),
]


def test_every_kind_of_count_is_counted_again() -> None:
    assert {what for _, what, *_ in COUNTS} == set(Count) - {Count.TICK, Count.STEP} == set(recount._RULES)


@pytest.mark.parametrize(
    ("n", "what", "about"), [(n, what, about) for n, what, *about in COUNTS], ids=lambda x: str(x)[:30]
)
def test_a_count_is_what_the_model_or_the_table_says(n: int, what: Count, about: list[Any]) -> None:
    reckoner = Reckoner(ReferencePass(TINY.model, TINY.tokens))
    assert reckoner.value(count(n, what, *about)) == n
    assert said(count(n, what, *about)).findings == []
    for other in (n + 1, n - 1, 37):
        with pytest.raises(UnknownRecipeError, match=f"= {other}, the model says {n}"):
            reckoner.value(count(other, what, *about))


@pytest.mark.parametrize(
    "made",
    [
        count(37, Count.SIZE, "words known"),
        count(37, "words known"),  # type: ignore[arg-type]
        count(3, Count.LAYER, 2),
        count(0, Count.HEAD, -1),
        count(99, Count.TOKEN, 99),
        count(6, Count.PLACE, 5),
        count(18, Count.STAGE, "final_norm"),
        count(0, Count.HEADS, "attn_weights", 0, 0, 99),
        count(1, Count.WHOLE, row_of("attn_scores", 0, 0)),
        count(1, Count.ALIKE, [total(row_of("hidden", 0))], 2),
        count(5, Count.TICK),
        count(2, Count.TICK) * count(10, Count.TICK),
        count(2, Count.STAGES, "two"),
    ],
    ids=str,
)
def test_a_count_of_something_else_is_found(made: Any) -> None:
    assert said(made).findings


def test_the_mark_of_an_axis_may_stand_in_a_picture() -> None:
    assert audited(lambda toy: toy.add(Numeral(count(2, Count.TICK), toy.pen, decimals=0))).findings == []
    assert audited(lambda toy: toy.add(Numeral(count(37, Count.TICK), toy.pen, decimals=0))).findings


def test_a_stage_that_is_named_by_its_number_follows_the_table() -> None:
    """With one stage more before it, what was typed is found, and the storyboard says the new number."""
    typed, text = count(17, Count.STAGE, "logits"), "They come back in stage {n}."
    assert said(typed, text).findings == []
    stages = ARTICLE.stages
    at = next(k for k, stage in enumerate(stages) if stage.name == "logits")
    later = [replace(stage, number=stage.number + 1) for stage in stages[at:]]
    longer = (*stages[:at], replace(stages[at - 1], name="final_norm", number=at + 1), *later)
    table = replace(ARTICLE, stages=longer)
    other = replace(TINY, model=replace(TINY.model, architecture=table))
    assert "STAGE logits = 17, the model says 18" in str(said(typed, text, other).findings)
    scene = play(Case("token_embedding", "tiny", other, SceneOptions()), lambda *_: None)
    (unused,) = (beat for beat in scene.beats if beat.name == "unused")
    assert "stage 18" in unused.caption.of("en")
    assert "ステージ18" in unused.caption.of("ja")


# ---- sums that cannot be ------------------------------------------------------------------------------------
def ledger_of(row: int, into: int, *, unlike: bool = False) -> Tamper:
    """The ledger of a cell of Q with the operands of some row; ``unlike`` takes them from another matrix."""

    def tamper(toy: Toy) -> None:
        toy.remove(toy.grid, toy.a, toy.b, toy.product, toy.relation)
        left = toy.show("W_K" if unlike else "hidden")
        w, q = toy.show("W_Q"), toy.show("query")
        pairs = list(zip(left.row(row), w.col(0), strict=False))
        inks = (toy.theme.ink, toy.theme.ink, toy.theme.ink)
        toy.add(Ledger(pairs, q[into, 0], toy.pen, decimals=(2, 2, 2), colors=inks, left=-7.0))

    return tamper


def test_an_honest_ledger_passes() -> None:
    assert audited(ledger_of(1, 1)).findings == []


@pytest.mark.parametrize("tamper", [ledger_of(0, 1), ledger_of(2, 1), ledger_of(1, 1, unlike=True)])
def test_a_sum_of_other_operands_is_found(tamper: Tamper) -> None:
    assert "no numbers with these digits are that near" in str(audited(tamper).findings)


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("(−0.70)+(−0.50)+(0.15)+(0.00)", "−0.79", False),
        ("(−0.14)+(−0.48)+(−0.08)+(−0.09)", "−2.20", False),
        ("(−0.70)+(−0.50)+(0.15)+(0.00)", "−1.03", True),
        ("0.53×0.5", "0.29", True),  # 0.535 × 0.55
        ("0.53×0.5", "0.31", False),
        ("−1.33×(−0.40)", "0.53", True),
        ("−1.33×(−0.40)", "−0.53", False),
        ("2.26÷4", "0.57", True),
        ("2.26÷4", "0.63", False),  # what is divided by is a count, and no 3.5
        ("√(0.029+1e−5)", "0.17", True),
        ("√(0.029+1e−5)", "0.18", False),
        ("(−0.02)²", "4e−4", True),
        ("(0.00)²", "0.01", False),
        ("1.2÷0.0", "9.99", True),  # what is nearly zero may be anything below
    ],
)
def test_digits_stand_for_all_that_rounds_to_them(left: str, right: str, near: bool) -> None:
    assert reach(left).meets(reach(right), Decimal(0)) == near


def test_whatever_is_rounded_lies_within_its_reach() -> None:
    rng = np.random.default_rng(7)
    for _ in range(300):
        a, b, c = (Decimal(repr(x)) for x in rng.normal(size=3).tolist())
        pa, pb, pc = (rounded(x, 2) for x in (a, b, c))
        shown = f"({pa})×({pb})+({pc})²−({pb})"
        assert reach(shown).meets(reach(rounded(a * b + c * c - b, 2)), Decimal(0)), shown
        assert reach(shown).low <= read(shown) <= reach(shown).high


# ---- the second forward pass ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["tiny", *sample_models()])
def test_second_pass_agrees_with_the_engine(name: str) -> None:
    model = tiny_model() if name == "tiny" else sample_models()[name]
    trace = forward(model)
    second = ReferencePass(model, trace.tokens)
    for (tensor, layer), ours in trace.results.items():
        values = np.array(second.tensor(tensor, layer), dtype=object)
        theirs = np.array(np.vectorize(float)(values), dtype=np.float64)
        np.testing.assert_allclose(theirs, ours.values, rtol=1e-9, atol=1e-11, err_msg=f"{tensor} {layer}")


def test_second_pass_computes_what_it_is_asked_for() -> None:
    """A number of the first layer needs nothing of the layers behind it, and no product of the vocabulary."""
    asked: list[str] = []

    class Listening(ReferencePass):
        def tensor(self, name: str, layer: int | None = None) -> Any:
            asked.append(name)
            return super().tensor(name, layer)

    Listening(TINY.model, TINY.tokens).cell("query", 0, 1, (2, 1))
    assert asked == ["query", "hidden", "embedding", "token_embedding", "E", "P", "W_Q"]
    deep = random_model(np.random.default_rng(4), V=3, T=1, d=2, h=1, d_ff=2, L=300)
    assert ReferencePass(deep, deep.tokens).cell("probs", None, None, (0, 1)).is_finite()


def test_recipes_are_followed() -> None:
    shown = TINY.at(layer=0)["embedding"]
    reckoner = Reckoner(ReferencePass(TINY.model, TINY.tokens))
    from tensorreel.core.quantity import cell

    row = [cell(shown, 0, j) for j in range(4)]
    assert reckoner.value(row[0]) == Decimal("0.1")
    assert reckoner.value(total(row)) == Decimal("0.7")
    assert reckoner.value(mean(row)) == Decimal("0.175")
    assert float(reckoner.value((row[0] / row[1]).exp())) == pytest.approx(np.exp(0.25))


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("0.025", 2, "0.03"),
        ("-0.025", 2, "−0.03"),
        ("0.02499999999999999999", 2, "0.03"),
        ("-0.0000000000000001", 2, "0.00"),
        ("0.0004", 2, "4e−4"),
        ("-123.45", 2, "−123.45"),
        ("123456", 2, "1.2e5"),
        ("-Infinity", 2, "−∞"),
    ],
)
def test_rounding_rule(value: str, decimals: int, text: str) -> None:
    assert rounded(Decimal(value), decimals) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.1×0.2+0.4×(−0.1)", "-0.02"), ("(1.5)²", "2.25"), ("2+3×4", "14"), ("√4", "2"), ("4e−4", "0.0004")],
)
def test_second_reader_of_arithmetic(text: str, value: str) -> None:
    assert read(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "1+", "(1", "1 1", "a"])
def test_second_reader_refuses(text: str) -> None:
    with pytest.raises(NotArithmeticError):
        read(text)


def test_of_no_case_nothing_is_said() -> None:
    with pytest.raises(UsageProblem, match="no case to check"):
        list(run(audit_one, []))
