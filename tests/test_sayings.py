"""What captions say of words and of the largest of some numbers: quoted, placed, and equal where it prints as equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from tensorreel.scenes.opening import who_chose

from tensorreel.core.engine import Tensor, Trace, forward
from tensorreel.core.quantity import count
from tensorreel.models import tiny_model
from tensorreel.review.recipes import Reckoner, UnknownRecipeError
from tensorreel.review.recompute import ReferencePass
from tensorreel.visuals.chapters.norm.changes import Difference
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.captions import Saying, printed
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.stage import comparisons, sayings
from tensorreel.visuals.stage.furniture import wrapped
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.languages import LANGUAGES
from tensorreel.words.text import Aside, quoted

WORDS = ("treat", "of", "the", "cure", "drug", "ill", "x", "y")


def scene_of(tokens: Sequence[int], *, causal: bool = False, words: tuple[str, ...] = WORDS) -> StageScene:
    """A scene that is not played."""
    tiny = tiny_model()
    model = replace(
        tiny, words=words, glosses=(), readings=(), config=replace(tiny.config, causal=causal, n_ctx=5)
    )
    return StageScene(trace=forward(model, tokens))


def matrix(trace: Trace, name: str, rows: Sequence[Sequence[float]]) -> DisplayTensor:
    """A tensor of the trace with other numbers."""
    given: Tensor = replace(trace.at(head=0)[name], values=np.array(rows, dtype=float), whole=None)
    return DisplayTensor(given, given)


NOTHING = Aside("en", "")


def said(saying: Saying) -> tuple[str, str]:
    """The sentence in both languages, with everything put in."""
    whole = saying.text.filled(**printed(saying.values)[1])
    return whole.of("en"), whole.of("ja")


# ---- words ---------------------------------------------------------------------------------------------------
def test_words_are_quoted_in_each_language() -> None:
    assert (quoted("of").of("en"), quoted("of").of("ja")) == ("“of”", "「of」")


def test_a_word_is_quoted_and_says_its_place_where_it_stands_twice() -> None:
    scene = scene_of([0, 1, 2, 1, 3])
    assert [scene.spoken(i).text.of("en") for i in range(5)] == [
        "“treat”",
        "“of” (2)",
        "“the”",
        "“of” (4)",
        "“cure”",
    ]
    assert scene.spoken(3).text.of("ja") == "「of」（4）"
    claims, _ = printed({"word": scene.spoken(3), "other": scene.spoken(0)})
    assert [digits for _, digits in claims] == ["4"]
    assert Reckoner(ReferencePass(scene.trace.model, scene.trace.tokens)).value(claims[0][0]) == 4


def test_different_pieces_that_look_the_same_bear_their_ids_not_places() -> None:
    scene = scene_of([0, 1, 2], words=("\ufffd", "\ufffd", "\n", *"abcde"))
    assert [scene.spoken(i).text.of("en") for i in range(3)] == ["“\ufffd#0”", "“\ufffd#1”", "“⏎”"]


def test_how_many_look_alike_is_counted_again() -> None:
    """Without W_Q all words get the same weight: as many as there are, or as a mask leaves."""
    for causal, n in ((False, 4), (True, 3)):
        scene = scene_of([0, 1, 2, 3], causal=causal)
        model = scene.trace.model
        params = {name: a * (not name.endswith("W_Q")) for name, a in model.params.items()}
        params = {name: a * (not name.endswith("b_Q")) for name, a in params.items()}
        trace = forward(replace(model, params=params), [0, 1, 2, 3])
        weights = StageScene(trace=trace).show("attn_weights")
        values = sayings.most_attended(StageScene(trace=trace), weights, 2).values
        claims, _ = printed({"whom": values["whom"]})
        assert [digits for _, digits in claims] == [str(n)]
        reckoner = Reckoner(ReferencePass(trace.model, trace.tokens))
        assert reckoner.value(claims[0][0]) == n
        with pytest.raises(UnknownRecipeError, match=f"the model says {n}"):
            reckoner.value(count(n + 1, *claims[0][0].args[1:]))


# ---- ties ----------------------------------------------------------------------------------------------------
LOOKS = {
    "one": ([0.1, 0.5, 0.4], "“treat” looks most at “of”: 0.5 of its attention."),
    "itself": ([0.5, 0.1, 0.4], "“treat” looks most at itself: 0.5 of its attention."),
    "two": ([0.2, 0.4, 0.4], "“treat” looks most at “of” and “the”: 0.4 of its attention each."),
    "two, one itself": (
        [0.4, 0.2, 0.4],
        "“treat” looks most at “the” and itself: 0.4 of its attention each.",
    ),
    "all": (
        [0.334, 0.333, 0.333],
        "“treat” looks at all 3 words nearly equally: 0.34 of its attention at most.",
    ),
    "nearly even": (
        [0.36, 0.31, 0.33],
        "“treat” looks at all 3 words nearly equally: 0.36 of its attention at most.",
    ),
    "not printed": (
        [0.2, 0.4004, 0.3996],
        "“treat” looks most at “of” and “the”: 0.40 of its attention each.",
    ),
}


@pytest.mark.parametrize("case", LOOKS)
def test_where_a_word_looks_most_is_said_of_the_printed_weights(case: str) -> None:
    row, en = LOOKS[case]
    scene = scene_of([0, 1, 2])
    weights = matrix(scene.trace, "attn_weights", [row] * 3)
    assert said(sayings.most_attended(scene, weights, 0))[0] == en


def test_under_a_mask_all_are_those_up_to_the_word() -> None:
    scene = scene_of([0, 1, 2, 3], causal=True)
    weights = matrix(
        scene.trace, "attn_weights", [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [1 / 3] * 3 + [0.0], [0.25] * 4]
    )
    assert (
        said(sayings.most_attended(scene, weights, 0))[0]
        == "“treat” looks most at itself: 1.00 of its attention."
    )
    assert said(sayings.most_attended(scene, weights, 2)) == (
        "“the” looks at all 3 words up to itself equally: 0.33 of its attention each.",
        "「the」は自分までの3語すべてに等しく注目する（重み各0.33）。",
    )
    assert "all 4 words equally" in said(sayings.most_attended(scene, weights, 3))[0]


HEADS: dict[str, tuple[list[list[float]], str]] = {
    "same": ([[0.1, 0.9, 0], [0.2, 0.8, 0]], "“treat” looks most at “of”."),
    "two": ([[0.1, 0.9, 0], [0.8, 0.2, 0]], "“treat”: head 1 looks most at “of”, head 2 most at itself."),
    "all differ": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "“treat”: every head looks most at a different word."),
    "some differ": (
        [[1, 0, 0], [0, 1, 0], [0, 1, 0]],
        "“treat”: 2 of 3 heads look most at “of”, the others elsewhere.",
    ),
    "as many here as there": (
        [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]],
        "“treat”: the heads do not all look most at the same word.",
    ),
    "nearly even": ([[0.36, 0.31, 0.33]] * 2, "“treat” looks at all 3 words nearly equally."),
    "one nearly even": (
        [[0.36, 0.31, 0.33], [0.8, 0.1, 0.1]],
        "“treat”: the thicker a line, the larger the weight.",
    ),
    "all equal": ([[0.25, 0.25, 0.25]] * 2, "“treat” looks at all 3 words equally."),
    "same two": ([[0.1, 0.45, 0.45]] * 2, "“treat” looks most at “of” and “the”, equally."),
    "some tied": ([[0.1, 0.45, 0.45], [1, 0, 0]], "“treat”: the thicker a line, the larger the weight."),
}


@pytest.mark.parametrize("case", HEADS)
def test_heads_are_said_to_differ_only_where_they_do(case: str) -> None:
    rows, en = HEADS[case]
    scene = scene_of([0, 1, 2])
    weights = [matrix(scene.trace, "attn_weights", [row] * 3) for row in rows]
    assert said(sayings.attention_of_heads(scene, weights, 0))[0] == en


@pytest.mark.parametrize(
    ("row", "en"),
    [
        ([0.2, 0.7, 0.1], "“of” counts most."),
        ([0.4, 0.4, 0.2], "“treat” and “of” count most, equally."),
        ([0.36, 0.31, 0.33], "here they are nearly even."),
        ([1 / 3] * 3, "here all 3 words count the same."),
    ],
)
def test_the_heaviest_row_is_one_or_several(row: list[float], en: str) -> None:
    scene = scene_of([0, 1, 2])
    whole = said(sayings.heaviest_row(scene, matrix(scene.trace, "attn_weights", [row] * 3), 0))[0]
    assert whole == f"Each weight goes to one row of V; {en}"


@pytest.mark.parametrize(
    ("row", "en"),
    [
        ([1, 2, 0, 0, 0, 0, 0, 0], "The highest score goes to “of” (gloss): 2."),
        ([2, 2, 0, 0, 0, 0, 0, 0], "The highest score goes to “treat” and “of”: 2 each."),
        ([2, 2, 2, 0, 0, 0, 0, 0], "The highest score goes to 3 words: 2 each."),
        ([0] * 8, "The same score for all 8 words: 0."),
    ],
)
def test_the_highest_score_is_one_or_several(row: list[float], en: str) -> None:
    scene = scene_of([0])
    scores = matrix(scene.trace, "logits", [row])
    assert said(sayings.highest_score(scene, scores, 0, Aside("en", " (gloss)"), range(8)))[0] == en


ANSWERS = {
    "one": ([0.5, 0.3, 0.2, 0, 0, 0, 0, 0], "Most likely next: “treat” (g), probability 0.5. Runner-up: “of”, 0.3."),
    "seconds": ([0.4, 0.3, 0.3, 0, 0, 0, 0, 0], "Most likely next: “treat” (g), probability 0.4. Then “of” and “the”: 0.3 each."),
    "firsts": ([0.3, 0.4, 0.4, 0, 0, 0, 0, 0], "Most likely next, equally: “of” and “the”, 0.4 each. Shown is “of”."),
    "three": ([0.3, 0.3, 0.3, 0.1, 0, 0, 0, 0], "Most likely next, equally: 3 words, 0.3 each. Shown is “treat”."),
    "all": ([0.125] * 8, "Equally likely next: all 8 words, 0.13 each. Shown is “treat”."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_the_likeliest_words_are_named_by_printed_probabilities(case: str) -> None:
    row, en = ANSWERS[case]
    scene = scene_of([0])
    p = matrix(scene.trace, "probs", [row])
    assert said(sayings.likeliest(scene, p, 0, Aside("en", " (g)")))[0] == en
    tied = case not in ("one", "seconds")
    assert said(sayings.answer(scene, p, 0, NOTHING))[0].startswith(
        "No single answer" if tied else "The model's answer: “treat”"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ties_of_the_widest_words_are_said_in_two_lines(lang: str) -> None:
    words = tuple(letter + "n" * 60 for letter in "abcdefgh")
    scene = scene_of([0], words=words)
    for row in ([0.4999, 0.4999, *[0.0] * 6], [0.5, 0.25, 0.25, *[0.0] * 5], [0.125] * 8):
        p = matrix(scene.trace, "probs", [row])
        for saying in (sayings.likeliest(scene, p, 0, NOTHING), sayings.answer(scene, p, 0, NOTHING)):
            whole = saying.text.filled(**printed(saying.values)[1]).of(lang)
            pen = Pen(theme.DARK, lang=lang)
            assert 1 <= len(wrapped(whole, pen, theme.SIZE_CAPTION, CONTENT.width - 0.2)) <= 2


def test_a_vocabulary_of_one_word_has_no_runner_up() -> None:
    scene = scene_of([0])
    p = matrix(scene.trace, "probs", [[1.0]])
    assert said(sayings.likeliest(scene, p, 0, NOTHING))[0] == "Most likely next: “treat”, probability 1."


@pytest.mark.parametrize(
    ("after", "en"),
    [
        ([[1.0, 2.0], [0.0, 5.5]], "Largest difference: “of”, 4.0 → 5.5."),
        ([[1.0, 3.5], [0.0, 5.5]], "Among the largest differences: “treat”, 2.0 → 3.5."),
        ([[1.0, 2.0], [0.0, 4.0]], "Here they are the same."),
    ],
)
def test_what_a_layer_changed_most(after: list[list[float]], en: str) -> None:
    scene = scene_of([0, 1])
    a, b = matrix(scene.trace, "hidden", [[1.0, 2.0], [0.0, 4.0]]), matrix(scene.trace, "ffn_norm", after)
    before = replace(a, whole=b.whole)
    assert said(sayings.largest_change(scene, before, b, Difference.of(before, b)))[0].endswith(en)


def test_every_saying_has_its_quotes_in_japanese() -> None:
    scene = scene_of([0, 1, 2])
    weights = matrix(scene.trace, "attn_weights", [[0.2, 0.4, 0.4]] * 3)
    for saying in (
        sayings.most_attended(scene, weights, 0),
        sayings.heaviest_row(scene, weights, 0),
        sayings.attention_of_heads(scene, [weights], 0),
    ):
        assert "「of」と「the」" in said(saying)[1]


@pytest.mark.parametrize(
    ("rows", "en"),
    [
        ([[1, 0], [0, 1]], "No two words switch on the same units."),
        ([[1, 0], [2, 0], [0, 1]], "Not all words switch on the same units."),
        ([[1, 0], [2, 0]], "Here every word switches on the same units."),
    ],
)
def test_which_units_words_switch_on_is_said_as_it_is(rows: list[list[float]], en: str) -> None:
    units = matrix(scene_of([0]).trace, "ffn_hidden", rows)
    assert said(comparisons.switched(units))[0] == en
    assert said(comparisons.skipped(units))[0] == en.replace("switches on", "skips").replace(
        "switch on", "skip"
    )


ORIGINS = {
    "search": "A search chose the weights, one decimal each. In a real model training finds them.",
    "hand": "The weights were written by hand. In a real model training finds them.",
    "training": "Training has found the weights.",
    "": "These are the model's sizes.",
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_the_opening_says_where_weights_come_from_as_far_as_the_model_does(origin: str) -> None:
    assert who_chose(replace(tiny_model(), origin=origin)).english == ORIGINS[origin]


def test_weights_of_a_search_have_one_decimal_only_where_all_have() -> None:
    tiny = tiny_model()
    finer = replace(tiny, params={**tiny.params, "E": tiny.params["E"] + 0.05})
    assert who_chose(finer).english == "A search chose the weights. In a real model training finds them."
