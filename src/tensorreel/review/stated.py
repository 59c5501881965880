"""What the film's sentences state: read once more, by hand, beside the storyboards that choose them.

A sentence with a word of fact either states something about these numbers, and declares it, or tells the method,
which holds for any numbers. One that is in neither list is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from tensorreel.core.claim import ClaimKind
from tensorreel.review.claims import is_true
from tensorreel.review.recipes import Reckoner, UnknownRecipeError

if TYPE_CHECKING:
    from tensorreel.visuals.stage.furniture import Caption

WORDS_OF_FACT = re.compile(
    r"\b(most|only|every|all|differ\w*|same|inside|longer|shorter|shrinks?|smaller|larger|largest|least|higher|highest"
    r"|likel\w+|fewer|(?<!once )more|less|never|always|no|none|not|nobody|nothing|alone|equal|equally|even|exactly|unchanged|stays?"
    r"|adds? up)\b",
    re.IGNORECASE,
)

STATED: Mapping[frozenset[ClaimKind], Collection[str]] = {
    frozenset({ClaimKind.LARGEST}): (
        "{who} looks most at {whom}: {weight} of its attention.",
        "{who} looks most at {whom}: {weight} of its attention each.",
        "{who} looks at {whom} equally: {weight} of its attention each.",
        "{word} looks most at {a}.",
        "{word} looks most at {a}, equally.",
        "{word} looks at {a} equally.",
        "Each weight goes to one row of V; {whom} counts most.",
        "Each weight goes to one row of V; {whom} count most, equally.",
        "Each weight goes to one row of V; here {whom} count the same.",
        "The highest score goes to {best}{gloss}: {score}.",
        "The highest score goes to {best}: {score} each.",
        "The same score for {best}: {score}.",
        "Most likely next: {first}{gloss}, probability {p}.",
        "Most likely next: {first}{gloss}, probability {p}. Then {b}: {q} each.",
        "Most likely next: {first}{gloss}, probability {p}. Runner-up: {b}, {q}.",
        "Most likely next, equally: {a}, {p} each. Shown is {first}.",
        "Equally likely next: {a}, {p} each. Shown is {first}.",
        "The model's answer: {word}{gloss}, with probability {p}.",
        "Run {what}: still {word}. Its p: {p} → {q}.",
        "Run {what}: {other} wins with {r}. {word}: {p} → {q}.",
        "The answer is still {word}. Its p: {p} → {q}.",
        "Now {other} wins with {r}. For {word}: {p} → {q}.",
        "No single answer: {all} are equally likely, {p} each. Shown is {word}.",
        "Here the difference is largest.",
        "Here is one of the largest differences.",
        "Head {n} has the largest share of it.",
        "Head {n} looked most at {whom}: {weight}.",
        "The largest weight of head {n} goes to {whom}: {weight} each.",
        "Input and output of the layer, rescaled by the norm. Largest difference: {word}, {a} → {b}.",
        "Input and output of the layer, rescaled by the norm. Among the largest differences: {word}, {a} → {b}.",
    ),
    frozenset({ClaimKind.LARGEST, ClaimKind.EQUAL}): (
        "Run {what}: still {word}, with the same {p}.",
        "The answer is still {word}, with the same {p}.",
    ),
    frozenset({ClaimKind.LARGEST, ClaimKind.DIFFER}): (
        "{word}: head {one} looks most at {a}, head {two} most at {b}.",
        "{word}: every head looks most at a different word.",
    ),
    frozenset({ClaimKind.LARGEST, ClaimKind.VARY}): (
        "{word}: {n} of {h} heads look most at {a}, the others elsewhere.",
        "{word}: the heads do not all look most at the same word.",
    ),
    frozenset({ClaimKind.LARGEST, ClaimKind.NEARLY_EVEN}): (
        "{who} looks at {whom} nearly equally: {weight} of its attention at most.",
        "Head {n} looked at {whom} nearly equally: {weight} at most.",
    ),
    frozenset({ClaimKind.NEARLY_EVEN}): (
        "{word} looks at {a} nearly equally.",
        "Each weight goes to one row of V; here they are nearly even.",
    ),
    frozenset({ClaimKind.DIFFER}): (
        "No two words switch on the same units.",
        "No two words skip the same units.",
        "Swap two words: X's rows swap, P's stay. So the word order counts.",
    ),
    frozenset({ClaimKind.VARY}): (
        "Not all words switch on the same units.",
        "Not all words skip the same units.",
    ),
    frozenset({ClaimKind.EQUAL}): (
        "Here every word switches on the same units.",
        "Here every word skips the same units.",
        "Every cell is divided in place: the largest size stays {after}.",
        "Put side by side, they make one row for each word. No number changes.",
        "With one head nothing has to be joined. No number changes.",
        "γ multiplies, β shifts. Here {g} and {b}: nothing moves.",
    ),
    frozenset({ClaimKind.SMALLER}): (
        "Each word gets more room: from {d} numbers to {f} units.",
        "Every cell is divided in place: the largest size goes from {before} to {after}.",
    ),
    frozenset({ClaimKind.ADDS_UP}): (
        "Each row of scores shall become shares of one whole, a bar of length {one}.",
        "Every row is done the same way, and every row adds up to {one}.",
        "Divide each by Σ. Laid end to end, the shares fill a bar of exactly {one}.",
        "Divide by the sum Σ: the probabilities of all words fill a bar of exactly {one}.",
    ),
    frozenset({ClaimKind.ADDS_UP, ClaimKind.WITHIN}): (
        "Weights add up to {one}, so each Z stays inside the hull of the rows of V.",
    ),
    frozenset({ClaimKind.ZERO}): (
        "Nobody picked the other rows. They come back in stage {n}.",
        "Input and output of the layer, row by row. Here they are the same.",
        "A causal mask was on: each position has seen only itself and the tokens before.",
        "Every word looks at itself and those before it, and mixes them in.",
        "Attention adds nothing here: the sum is the input.",
        "Attention gives zeros here: nothing of other words is mixed in.",
        "Every number of O is made like this; rows of zeros add nothing.",
    ),
    frozenset({ClaimKind.AS_BEFORE}): (
        "Nothing changes here: every number is the same as before.",
        "Nothing changes here in layer {k}: every number is the same as before.",
        "Another formula; the result is the same as before.",
        "Every stage shows the same numbers as before.",
    ),
    frozenset({ClaimKind.OTHERWISE}): (
        "{n} of {m} numbers is not the same as before.",
        "All heads: {n} of {m} numbers is not the same as before.",
        "{n} parameter matrix is not the same as before.",
    ),
    frozenset({ClaimKind.OTHERWISE, ClaimKind.AS_BEFORE}): (
        "Other numbers go in; the result is the same as before.",
    ),
    frozenset({ClaimKind.POSITIVE}): (
        "Every row was picked. The table comes back in stage {n}.",
        "No mask here: every position has seen every token. Only the last row is used.",
        "Every word looks at the others and mixes them in.",
    ),
}

METHOD = frozenset(
    {
        # any numbers do this
        "Add up each head's share, then the shares: the heads are mixed.",
        "Add up each head's share, then the shares and the bias: the heads are mixed.",
        "Attention adds to the input; it does not replace it.",
        "Every number of O is made like this, from all heads.",
        "Every row is treated the same way.",
        "Every token gets its own mean and its own σ.",
        "Every token mixes with its own weights.",
        "Every unit of every word, the same way.",
        "Far above zero it passes almost unchanged; far below, almost nothing is left.",
        "All units of the row are multiplied and added up; then comes the bias.",
        "Every word, the same way.",
        "Each row on a line of its own: centred, then measured by its σ.",
        "Every word goes through the same weights.",
        "Every query meets every key.",
        "Above zero it passes unchanged; below zero it becomes zero: the unit is off.",
        "Only the units that are on, and the bias, make the sum.",
        "Row times column: multiply pair by pair, then add up.",
        "The query's length times the key's shadow on it: the same number.",
        "The same as a product: {zero}s and a single {one} select the row of E.",
        "Then every row goes on by itself.",
        "With one head its share is the whole sum.",
        "{word}: {off} of {f} units are off, so their rows of weights add nothing.",
        # of the model's making, which the storyboard asks for
        "Another head has weights of its own, so the same words can ask something else.",
        "Causal mask: no word may look at a later one, so these scores become −∞.",
        "Every head has found something about every word.",
        "Every head makes its own keys.",
        "Every head makes its own queries, keys and values.",
        "Every position has such a row of probabilities, each a guess at a next word.",
        "Every position has such a row: a probability for each word.",
        "Same rows, other weights: the key says how a word is found.",
        "The word looks at itself alone.",
        "Then it would join in; but P has no row left for it.",
        "What if: {what}. All else is as it was.",
        "This model has one layer, so nothing more has to run.",
        # what softmax does with any scores
        "Add all the powers up: Σ.",
        "Softmax will compare them: the higher a bar ends, the likelier the word.",
        "Softmax again: subtract the largest, {max}, and take e to the power of each.",
        "Subtract the largest, {max}: the shares stay the same, and no power gets too big.",
        "Wider vectors, larger products: divide by the root of the width.",
        "e to the power of each: always positive, and differences become ratios.",
        "e to the power of each: positive, and exactly {zero} where the score is −∞.",
        # what the picture shows
        "Two models in one film: what stood there before is struck through.",
        "A second table, P, holds one row of numbers for every position.",
        "Every tensor of the film; the box holds the parameters.",
        "One score for every word, at every position.",
        "The last token's row: one score for every word.",
        "The next key, the next score: {q} meets every word.",
        "The table E holds one row of numbers for every word.",
        "The whole result, with every number.",
        "Why {word}, not {other}? Term by term.",
        "The word table E comes back: every word's own row.",
        "This token's row: one score for every word.",
        "Transposed, every word becomes a column.",
        "{word}: the thicker a line, the larger the weight.",
        "γ multiplies and β shifts: two more rows of parameters.",
    }
)

_FACTS = {sentence: facts for facts, sentences in STATED.items() for sentence in sentences}


def misstated(caption: Caption, reckoner: Reckoner) -> Iterator[str]:
    """A caption declares what its sentence states and nothing else, and it is so; what a stage means is its method."""
    methods = {stage.meaning.english for stage in reckoner.second.model.architecture.stages}
    yield from _undeclared(caption, methods)
    for claim in caption.facts:
        try:
            true = is_true(claim, reckoner)
        except (UnknownRecipeError, LookupError, TypeError, ValueError, ArithmeticError) as err:
            yield f"the caption {caption.text!r} states {claim}, which cannot be followed ({err!r})"
            continue
        if not true:
            yield f"the caption {caption.text!r} states {claim}, the model says otherwise"


def _undeclared(caption: Caption, methods: Collection[str]) -> Iterator[str]:
    said = caption.english
    want, declared = _FACTS.get(said, frozenset()), {claim.fact for claim in caption.facts}
    if want != declared:
        kinds = (
            ", ".join(sorted(fact.name.lower() for fact in facts)) or "nothing" for facts in (want, declared)
        )
        yield f"the caption {caption.text!r} states {next(kinds)}, and declares {next(kinds)}"
    elif not want and said not in METHOD and said not in methods and WORDS_OF_FACT.search(said):
        yield f"the caption {caption.text!r} has words of fact and declares none"
