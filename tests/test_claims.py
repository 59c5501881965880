"""A caption that states a fact is chosen by the numbers, declares what it states, and is held against the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from babel.messages.pofile import read_po
from tensorreel.scenes import film

from tensorreel.core.claim import Claim, ClaimKind, adds_up, compared, compared_signs, largest_of, nearly_even
from tensorreel.core.engine import Trace, forward
from tensorreel.core.model import Model
from tensorreel.core.quantity import Terms, cell, place_of_largest
from tensorreel.models import tiny_model
from tensorreel.models.samples import many_heads, random_model, sample_models
from tensorreel.review import claims
from tensorreel.review.audit import audit_case
from tensorreel.review.cases import Case, play
from tensorreel.review.claims import is_true
from tensorreel.review.recipes import Reckoner
from tensorreel.review.recompute import ReferencePass
from tensorreel.review.stated import METHOD, STATED, WORDS_OF_FACT, misstated
from tensorreel.variations.before import otherwise
from tensorreel.variations.change import varied
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.stage.comparisons import mask_of
from tensorreel.visuals.stage.scene import StageScene
from tests.rehearsal import rehearsed

TINY = forward(tiny_model())
BEFORE = forward(varied(TINY.model, ["set layers.0.W_V[0,1,0]=0.9"]), TINY.tokens)
RECKONER = Reckoner(*(ReferencePass(t.model, t.tokens) for t in (TINY, BEFORE)))
SAME_CELLS, OTHER_CELLS = (otherwise(BEFORE[name], TINY[name]) for name in ("query", "value"))
TEMPLATE = Path(__file__).parents[1] / "src/tensorreel/locale/tensorreel.pot"
# What is no caption: labels of one or two words, decks, pages, names of tensors.
OTHERS = {
    *(
        "alt",
        "answer",
        "chapter",
        "deck",
        "film",
        "gloss",
        "heads",
        "map",
        "meaning",
        "norm",
        "opening.map",
        "page",
    ),
    *("parameter", "query.rows", "question", "recap.table", "terms", "title", "worksheet"),
}


def row(name: str, i: int, head: int | None = None) -> Terms:
    """A row of a tensor of the first layer."""
    tensor = TINY.at(layer=0, head=head)[name]
    return Terms(tensor.values[i], lambda j: cell(tensor, i, j))


A, Z, V = (
    [row(name, i, 0) for i in range(len(TINY.tokens))] for name in ("attn_weights", "context", "value")
)
UNITS, H = ([row(name, i) for i in range(len(TINY.tokens))] for name in ("ffn_hidden", "hidden"))
TOP = int(np.argmax(A[0].values))
OFF = [q for q in UNITS[0] if q.value == 0]
ON = [q for q in UNITS[0] if q.value > 0]

# Of each kind a claim that is true and one that is not.
HOLDS: list[tuple[Claim, Claim]] = [
    (largest_of(A[0], [q.printed(2) for q in A[0]], 2), Claim(ClaimKind.LARGEST, (A[0], 2, ((TOP + 1) % 5,)))),
    (largest_of(A[0], [q.printed(2) for q in A[0]], 2), Claim(ClaimKind.LARGEST, (A[0], 2, (TOP, (TOP + 1) % 5)))),
    (Claim(ClaimKind.NEARLY_EVEN, ([A[0][TOP]] * 2,)), Claim(ClaimKind.NEARLY_EVEN, (A[0],))),
    (Claim(ClaimKind.EQUAL, ((H[0], H[0]), 2)), Claim(ClaimKind.EQUAL, ((H[0], H[1]), 2))),
    (Claim(ClaimKind.DIFFER, ((H[0], H[1]), 2)), Claim(ClaimKind.DIFFER, ((H[0], H[1], H[0]), 2))),
    (Claim(ClaimKind.VARY, ((H[0], H[1], H[0]), 2)), Claim(ClaimKind.VARY, ((H[0], H[1]), 2))),
    (Claim(ClaimKind.VARY, ((H[0], H[1], H[0]), 2)), Claim(ClaimKind.VARY, ((H[0], H[0]), 2))),
    (Claim(ClaimKind.SMALLER, (OFF[0], ON[0])), Claim(ClaimKind.SMALLER, (OFF[0], OFF[-1]))),
    (Claim(ClaimKind.WITHIN, (Z, V)), Claim(ClaimKind.WITHIN, ([[q + q for q in max(V, key=lambda p: abs(p.values).sum())]], V))),
    (adds_up(A[1]), adds_up(A[1][:-1])),
    (Claim(ClaimKind.ZERO, (OFF, 2)), Claim(ClaimKind.ZERO, ([*OFF, ON[0]], 2))),
    (Claim(ClaimKind.AS_BEFORE, (SAME_CELLS,)), Claim(ClaimKind.AS_BEFORE, (OTHER_CELLS,))),
    (Claim(ClaimKind.OTHERWISE, (OTHER_CELLS,)), Claim(ClaimKind.OTHERWISE, (SAME_CELLS,))),
    (Claim(ClaimKind.POSITIVE, (ON,)), Claim(ClaimKind.POSITIVE, ([*ON, OFF[0]],))),
]  # fmt: skip


def test_every_kind_of_claim_is_worked_out_again() -> None:
    assert {claim.fact for pair in HOLDS for claim in pair} == set(ClaimKind) == set(claims._RULES)


@pytest.mark.parametrize(("true", "false"), HOLDS, ids=[true.fact.name for true, _ in HOLDS])
def test_a_claim_holds_or_does_not(true: Claim, false: Claim) -> None:
    assert is_true(true, RECKONER)
    assert not is_true(false, RECKONER)


def test_points_on_a_line_and_at_its_ends_are_within_and_beside_it_are_not() -> None:
    a, b = V[0], V[1]
    middle = [(x + y) * A[0][0] / (A[0][0] + A[0][0]) for x, y in zip(a, b, strict=True)]
    third = [x + (y - x) * A[0][TOP] for x, y in zip(a, b, strict=True)]
    assert is_true(Claim(ClaimKind.WITHIN, ([a, b, middle], [a, b])), RECKONER)
    assert is_true(Claim(ClaimKind.WITHIN, ([third], [a, b])), RECKONER)
    beyond = [x + (y - x) + (y - x) for x, y in zip(a, b, strict=True)]
    beside = [a[0], b[1]]  # a corner of the box around both
    assert not is_true(Claim(ClaimKind.WITHIN, ([beyond], [a, b])), RECKONER)
    assert not is_true(Claim(ClaimKind.WITHIN, ([beside], [a, b])), RECKONER)


def test_rows_are_compared_as_they_print_and_by_their_signs() -> None:
    assert compared([H[0], H[0]], 2).fact is ClaimKind.EQUAL
    assert compared([H[0], H[1]], 2).fact is ClaimKind.DIFFER
    assert compared([H[0], H[1], H[1]], 2).fact is ClaimKind.VARY
    assert compared_signs([ON, [*ON[1:], ON[0]]]).fact is ClaimKind.EQUAL
    assert compared_signs([ON, [*ON[1:], OFF[0]]]).fact is ClaimKind.DIFFER
    assert RECKONER.value(place_of_largest(A[0])) == TOP


@pytest.mark.parametrize(
    ("shares", "even"), [([0.22, 0.2, 0.2, 0.19, 0.19], True), ([0.3, 0.2, 0.5], False), ([1.0], False), ([0.6, 0.4], False)]
)  # fmt: skip
def test_shares_are_nearly_even_up_to_a_quarter(shares: Sequence[float], even: bool) -> None:
    assert nearly_even(shares) is even


# ---- the audit -----------------------------------------------------------------------------------------------
SAME, METHODICAL = "Here every word skips the same units.", "Every query meets every key."


def stating(sentence: str, *facts: Claim) -> list[str]:
    """What the audit finds of a caption."""

    class Stating(StageScene):
        stage = "query"

        def storyboard(self) -> None:
            with self.beat("only", sentence, facts=facts):
                pass

    found = audit_case(Case("query", "tiny", TINY, SceneOptions()), kind=Stating).findings
    return [str(finding) for finding in found]


EQUAL, UNEQUAL = HOLDS[3]


@pytest.mark.parametrize(
    ("sentence", "facts", "what"),
    [
        (SAME, [EQUAL], ""),
        (SAME, [UNEQUAL], "the model says otherwise"),
        (SAME, [EQUAL, UNEQUAL], "the model says otherwise"),
        (SAME, [], "states equal, and declares nothing"),
        (SAME, [HOLDS[4][0]], "states equal, and declares differ"),
        (METHODICAL, [], ""),
        (METHODICAL, [EQUAL], "states nothing, and declares equal"),
        ("A row.", [], ""),
        ("A row longer than the rest.", [], "has words of fact and declares none"),
    ],
)
def test_a_caption_declares_what_it_states_and_it_is_so(sentence: str, facts: list[Claim], what: str) -> None:
    found = stating(sentence, *facts)
    assert len(found) == bool(what)
    assert what in "".join(found)


def test_a_claim_that_cannot_be_followed_is_a_finding() -> None:
    broken = Claim(ClaimKind.EQUAL, ((H[0],), "two"))
    assert "cannot be followed" in stating(SAME, broken)[0]


@pytest.mark.parametrize("causal", [False, True])
def test_what_a_mask_leaves_is_looked_up_in_every_head_and_layer(causal: bool) -> None:
    model = random_model(np.random.default_rng(5), V=4, T=3, d=4, h=2, d_ff=4, L=2, causal=causal)
    scene = StageScene(trace=forward(model))
    claim = mask_of(scene)
    assert claim.fact is (ClaimKind.ZERO if causal else ClaimKind.POSITIVE)
    assert len(claim.about[0]) == 2 * 2 * (3 if causal else 9)
    assert is_true(claim, Reckoner(ReferencePass(model, model.tokens)))
    other = replace(model, config=replace(model.config, causal=not causal))
    assert not is_true(claim, Reckoner(ReferencePass(other, model.tokens)))


# ---- the sentences -------------------------------------------------------------------------------------------
def sentences() -> set[str]:
    """Every English caption."""
    with TEMPLATE.open("rb") as file:
        found = [message for message in read_po(file) if message.id]
    return {_singular(m.id) for m in found if (m.context or "").split(",")[0] not in OTHERS}


def _singular(english: str | Sequence[str]) -> str:
    return english if isinstance(english, str) else english[0]


def test_every_sentence_of_fact_states_something_or_tells_the_method() -> None:
    stated = [sentence for group in STATED.values() for sentence in group]
    assert len(stated) == len(set(stated))
    assert not set(stated) & METHOD
    whole = {sentence for sentence in sentences() if sentence.endswith((".", "?"))}  # others are labels
    of_fact = {sentence for sentence in whole if WORDS_OF_FACT.search(sentence) and not _part(sentence)}
    assert of_fact - set(stated) - METHOD == set()
    with TEMPLATE.open("rb") as file:
        assert (set(stated) | METHOD) - {_singular(m.id) for m in read_po(file)} == set()


def _part(sentence: str) -> bool:
    """What is put into a sentence: “all 3 words”."""
    return sentence in {"all {n} words", "all {n} words up to itself"}


# ---- the film ------------------------------------------------------------------------------------------------
TOKENS = ("attn_scores", "attn_weights", "context", "heads", "attn_norm", "logits", "probs")
HEADS = ("attn_scores", "attn_weights", "context", "heads")
LAYERS = (*HEADS, "concat", "attn_norm", "ffn_hidden", "ffn_output", "ffn_norm")


def options_of(model: Model, scene: str, *, all_of_them: bool) -> Iterator[SceneOptions]:
    """Everything that a viewer can choose of a scene, at once or one after another."""
    config = model.config
    tokens = [None, *range(len(model.tokens))] if scene in TOKENS else [None]
    heads = range(config.n_heads) if scene in HEADS else range(1)
    layers = range(config.n_layers) if scene in LAYERS else range(1)
    for token, head, layer in product(tokens, heads, layers):
        if all_of_them or (token is not None) + (head > 0) + (layer > 0) <= 1:
            yield SceneOptions(token=token, head=head, layer=layer)


def found_in(model: Model, *, all_of_them: bool) -> list[str]:
    """What is wrong with the captions of a model's film."""
    trace = forward(model)
    reckoner = Reckoner(ReferencePass(model, trace.tokens))
    return [
        f"{scene} {options}: {fault}"
        for scene in film(model.architecture)
        for options in options_of(model, scene, all_of_them=all_of_them)
        for caption in rehearsed(scene, trace, options)
        for fault in misstated(caption, reckoner)
    ]


def some_model(seed: int) -> Model:
    """A random model, each third one causal; of some the rows are nearly alike."""
    rng = np.random.default_rng(seed)
    h, T, V = int(rng.integers(1, 4)), int(rng.integers(1, 7)), int(rng.integers(2, 10))
    sizes: dict[str, Any] = {
        "V": V,
        "T": T,
        "d": 2 * h,
        "h": h,
        "d_ff": int(rng.integers(2, 9)),
        "L": int(rng.integers(1, 3)),
    }
    return random_model(rng, **sizes, causal=seed % 3 == 0, scale=(0.6, 0.1, 1.5)[seed % 3], decimals=(1, None)[seed % 2])  # fmt: skip


def fast_model(name: str) -> Model:
    """A built-in model by its language, or a random one by its number."""
    return some_model(int(name)) if name.isdigit() else tiny_model(name)


@pytest.mark.parametrize("name", ["ja", pytest.param("en", marks=pytest.mark.slow), "1", "2", "3"])
def test_every_caption_of_the_film_is_true(name: str) -> None:
    assert found_in(fast_model(name), all_of_them=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_every_caption_of_random_models_is_true_for_every_choice(seed: int) -> None:
    assert found_in(some_model(seed), all_of_them=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*sample_models(), *many_heads()])
def test_every_caption_of_the_samples_is_true_for_every_choice(name: str) -> None:
    assert found_in({**sample_models(), **many_heads()}[name], all_of_them=name in sample_models()) == []


LEFT_OUT = [
    pytest.param(f"without {part}", marks=pytest.mark.slow)
    for part in ("attention", "residual", "norm", "relu", "head:1")
]


@pytest.mark.parametrize("text", [*LEFT_OUT, "causal"])
def test_every_caption_of_a_changed_model_is_true(text: str) -> None:
    assert found_in(varied(tiny_model(), [text]), all_of_them=False) == []


@pytest.mark.parametrize("scene", ["embedding", "context", "ffn_output"])
def test_a_rehearsal_says_what_the_film_says(scene: str) -> None:
    trace: Trace = TINY
    played = play(Case(scene, "tiny", trace, SceneOptions()), lambda *_: None)
    texts = [beat.caption.of("en") for beat in played.beats]
    assert [said.text for said in rehearsed(scene, trace, SceneOptions())] == texts
