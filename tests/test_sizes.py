"""Models of other sizes: what is not drawn is not built, and of many heads the others are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorreel.scenes import find

from tensorreel.core.engine import Trace, forward
from tensorreel.core.formatting import decimals_for, distinct, format_number, leading
from tensorreel.core.quantity import Quantity, cell, largest, positives, total
from tensorreel.models.samples import many_heads, random_model
from tensorreel.review.audit import audit_case
from tensorreel.review.cases import Case, play
from tensorreel.review.lint import lint_case
from tensorreel.review.recipes import Reckoner
from tensorreel.review.recompute import ReferencePass
from tensorreel.visuals.chapters.heads.concat import Joining
from tensorreel.visuals.chapters.heads.mixing import HeadMix, falk_of_heads
from tensorreel.visuals.chapters.norm.changes import Difference
from tensorreel.visuals.lettering.captions import Named
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.matrix.display_tensor import DisplayTensor, extremes
from tensorreel.visuals.matrix.heads import MoreHeads, some_heads
from tensorreel.visuals.product.blocks import Block, pages, part
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.stage.sayings import attention_of_heads, even
from tensorreel.visuals.stage.taking import blocks_of

PEN = Pen(theme.DARK)
HEADED = ("query", "key", "value", "heads", "concat", "attn_output")


def of_words(vocabulary: int) -> Trace:
    return forward(random_model(np.random.default_rng(3), V=vocabulary, T=3, d=4, h=2, d_ff=6, L=1))


def of_heads(n: int) -> Trace:
    return forward(random_model(np.random.default_rng(n), V=9, T=6, d=2 * n, h=n, d_ff=8, L=2, scale=0.5))


def shown(trace: Trace, name: str, head: int | None = None) -> DisplayTensor:
    return DisplayTensor(trace.at(layer=0, head=head)[name], trace.at(layer=0)[name])


def number_in(label: MoreHeads) -> int:
    """How many heads a label counts."""
    (number,) = (piece for piece in label if isinstance(piece, Numeral))
    return int(number.text)


def played(name: str, trace: Trace, **options: Any) -> tuple[Any, list[Any]]:
    """A scene, and everything that was on its stage at the end of some beat."""
    seen: list[Any] = []

    def look(scene: Any, moment: str, moving: list[Any]) -> None:
        if moment == "beat":
            seen.extend(m for top in scene.mobjects for m in top.get_family())

    return play(Case(name, "sized", trace, SceneOptions(**options)), look), seen


# ---- a large vocabulary --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.slow) for name in ("token_embedding", "probs")), "logits"]
)
def test_what_is_built_does_not_grow_with_the_vocabulary(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, init, shape = [0], Quantity.__init__, Pen.shape
    written: set[str] = set()

    def counting(self: Quantity, *args: Any, **kwargs: Any) -> None:
        made[0] += 1
        init(self, *args, **kwargs)

    def noting(self: Pen, string: str, **kwargs: Any) -> Any:
        written.add(string)
        return shape(self, string, **kwargs)

    monkeypatch.setattr(Quantity, "__init__", counting)
    monkeypatch.setattr(Pen, "shape", noting)
    found = []
    for vocabulary in (300, 3000):
        trace, made[0] = of_words(vocabulary), 0
        written.clear()
        play(Case(name, "wide", trace, SceneOptions()), lambda *_: None)
        words = sum(w in written for w in trace.model.words)
        found.append((made[0], words))
    assert found[1][0] <= found[0][0] * 1.1 < 300
    assert found[1][1] <= found[0][1] + 12 < 100


def test_a_large_vocabulary_passes_the_audit() -> None:
    for name in ("logits", "probs"):
        assert audit_case(Case(name, "wide", of_words(120), SceneOptions())).findings == []


def test_a_cell_is_the_traces_own_and_made_once() -> None:
    trace = of_words(9)
    table, bias = shown(trace, "E"), shown(trace, "b_1")
    assert str(table[2, 1]) == str(cell(trace["E"], 2, 1)) == str(table.transposed()[1, 2])
    assert table[-1, -1] is table[8, 3] is table.row(8)[3] is table.col(3)[8]
    assert bias[0, 4].args[3] == (4,)
    assert part(table, [5])[0, 2] is not None
    assert str(part(table, [5])[0, 2]) == str(table[5, 2])
    halved = table.reworked(table.values / 2, lambda i, j: table[i, j] / table[i, j])
    assert (halved[1, 1].op, halved.values[1, 1]) == ("div", table.values[1, 1] / 2)
    change = Difference.of(shown(trace, "hidden"), shown(trace, "ffn_norm"))
    assert (change[0, 1].op, change[0, 1].value) == ("sub", change.values[0, 1])
    with pytest.raises(IndexError):
        table[9, 0]


def test_a_whole_line_counts_as_its_terms() -> None:
    row = shown(of_words(50), "logits").row(0)
    top, powers = largest(row), (row - largest(row)).exp()
    assert top.value == max(q.value for q in row)
    assert total(powers).value == total(list(powers)).value
    assert total(powers.only([3, 7])).value == powers[3].value + powers[7].value
    assert positives(row).value == sum(q.value > 0 for q in row)


@given(st.lists(st.floats(-2e4, 2e4, allow_subnormal=False) | st.just(-np.inf), min_size=1, max_size=40))
def test_all_digits_at_once_are_those_of_each(values: list[float]) -> None:
    array = np.array([*values, 0.025, -0.005, 4e-4, 9999.996])
    for decimals in range(4):
        assert distinct(array, decimals) == {format_number(x, decimals) for x in array.tolist()}
    assert decimals_for(array) == decimals_for(iter(array.tolist()))


@pytest.mark.parametrize("off", [0.0, 1e-13, 9e-7, 1.1e-6, 1e-3])
def test_decimals_are_those_that_are_meant(off: float) -> None:
    values = np.round(np.random.default_rng(1).normal(size=200), 1) + 0.0
    values[7] = 0.4 * (1 + off)
    assert decimals_for(values) == (1 if off < 1e-6 else 2)


def test_extremes_are_finite_and_the_first_of_their_kind() -> None:
    assert extremes(np.array([[-np.inf, 1.0, 3.0], [1.0, 3.0, -np.inf]])) == ((0, 1), (0, 2))


# ---- many heads ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "n"),
    [("value", 5), ("concat", 64)]
    + [pytest.param("attn_output", 7, marks=pytest.mark.slow)]
    + [pytest.param(name, n, marks=pytest.mark.slow) for name in HEADED for n in (6, 9, 64)],
)
def test_every_stage_counts_the_heads_that_it_does_not_draw(name: str, n: int) -> None:
    _, seen = played(name, of_heads(n), head=n - 1)
    counted = {number_in(m) for m in seen if isinstance(m, MoreHeads) and len(m)}
    assert len(counted) == 1
    assert 0 < counted.pop() < n


@pytest.mark.slow
@pytest.mark.parametrize("model", many_heads())
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_many_heads_are_legible(model: str, lang: str) -> None:
    trace = forward(many_heads()[model])
    for name in (*HEADED, "last_hidden_state", "recap"):
        case = Case(name, model, trace, SceneOptions(lang=lang, head=trace.model.config.n_heads - 1))
        assert lint_case(case)[0] == []
        assert audit_case(case).findings == []


def test_the_chosen_head_is_among_those_that_are_drawn() -> None:
    assert some_heads(3, 4, 2) == [0, 1, 2]
    assert some_heads(8, 4, 1) == [0, 1, 2, 3]
    assert some_heads(8, 4, 6) == [0, 1, 3, 6]  # 2 wears the same border style
    assert some_heads(64, 1, 9) == [9]
    trace = of_heads(8)
    scene = find("heads")(None, trace=trace, options=SceneOptions(head=6))
    assert scene.each == [0, 1, 3, 6]
    assert {s.head for s in blocks_of(scene, "query")} == set(range(8))
    many = find("recap")(None, trace=of_heads(64), options=SceneOptions(head=40))
    drawn = [s.head for s in blocks_of(many, "query")]
    assert len(drawn) == 8
    assert {0, 40, 63} < set(drawn)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_said_of_the_heads_holds_for_all_of_them(seed: int) -> None:
    model = random_model(np.random.default_rng(seed), V=9, T=2 + seed, d=16, h=8, d_ff=8, L=1)
    scene = find("heads")(None, trace=forward(model), options=SceneOptions())
    weights = [shown(scene.trace, "attn_weights", k) for k in range(8)]
    reckoner = Reckoner(ReferencePass(scene.trace.model, scene.trace.tokens))
    for i in range(2 + seed):
        bests = [leading(w.printed(i), w.decimals) for w in weights]
        text, values, _ = attention_of_heads(scene, weights, i)
        en = text.english
        firsts = [best[0] for best in bests]
        if "of {h} heads" in en:
            most = max(firsts, key=firsts.count)
            named = values["n"]
            assert isinstance(named, Quantity)
            assert all(len(best) == 1 for best in bests)
            assert named.args[0] == firsts.count(most) < 8
            assert reckoner.value(named) == named.args[0]
            said = values["a"]
            assert isinstance(said, Named)
            assert said.text.of("en") in ("itself", scene.spoken(most).text.of("en"))
        elif "every head" in en:
            assert len(set(firsts)) == 8
        elif "do not all" in en:
            assert 1 < len(set(firsts)) < 8
        else:
            shared = len({tuple(best) for best in bests}) == 1 or any(len(best) > 1 for best in bests)
            assert shared or any(even(scene, w, i) for w in weights)


def test_blocks_that_have_no_room_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = of_heads(64)
    matrices = (shown(trace, "hidden"), shown(trace, "W_Q", 0), shown(trace, "query", 0))
    falk = Falk(*matrices, PEN, names=list(trace.words), head=0, beside=True)
    asked: list[int] = []

    def blocks() -> Any:
        for k in range(1, 64):
            asked.append(k)
            yield Block(shown(trace, "W_Q", k), shown(trace, "query", k), k)

    turned = pages(falk, list(blocks()), 2)
    assert len(turned) == 2
    drawn = sum(map(len, turned))
    (label,) = [m for m in turned[-1][-1].b.get_family() if isinstance(m, MoreHeads)]
    assert number_in(label) == 63 - drawn


def test_widths_of_heads_that_are_not_all_drawn_are_a_product() -> None:
    trace = of_heads(8)
    scene = find("concat")(None, trace=trace, options=SceneOptions())
    heads = [shown(trace, "heads", k) for k in range(8)]
    joining = Joining(heads, shown(trace, "concat"), PEN, names=list(trace.words), chosen=7)
    assert 7 in joining.heads
    assert len(joining.parts) == len(joining.heads) < 8
    widths = joining.widths(scene.count("k"), scene.count("h"), scene.count("d"))
    assert "".join(m.text for m in widths.result) == "8×2=16"


@pytest.mark.parametrize("n", [5, 7, 16, 64])
def test_shares_of_all_heads_make_the_sum(n: int) -> None:
    trace = of_heads(n)
    m, w, out = (shown(trace, name) for name in ("concat", "W_O", "attn_output"))
    falk = falk_of_heads(m, w, out, PEN, names=list(trace.words), focus=0, heads=n, chosen=n - 1)
    scene = find("attn_output")(None, trace=trace, options=SceneOptions())
    ledger: Any = HeadMix(scene, falk, n)._ledger(0, 0)
    assert sum(m.quantity.value for m in ledger.share_numerals) == pytest.approx(out[0, 0].value)
    assert n - 1 in ledger.numbers
    assert ledger.others[0] == n - len(ledger.numbers) > 0
    assert ledger.dy > 1.1 * ledger.em
    assert (
        min(m.scale_now for m in ledger.get_family() if isinstance(m, Numeral))
        >= theme.SIZE_NUMBER_MIN - 1e-6
    )


def test_counts_of_units_stand_clear_of_their_legend() -> None:
    trace = forward(many_heads()["sixteen-heads"])
    assert lint_case(Case("ffn_hidden", "units", trace, SceneOptions()))[0] == []
