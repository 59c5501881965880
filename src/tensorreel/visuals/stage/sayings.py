"""Sentences about the largest of some numbers, chosen by the digits that are printed: what looks equal is called equal.

Each declares what it states, as a claim that the audit works out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tensorreel.core.claim import Claim, ClaimKind, compared, largest_of, nearly_even
from tensorreel.core.formatting import format_number, leading
from tensorreel.core.quantity import Count, Quantity, Terms, count, place_of_largest
from tensorreel.visuals.lettering.captions import SPOKEN, Named, Saying, Value, named_word, together
from tensorreel.visuals.lettering.glyphs import shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.words.text import Aside, Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

ITSELF = Named(Text("itself", "words named"))

NO_SINGLE_ANSWER = Text(
    "No single answer: {all} are equally likely, {p} each. Shown is {word}.",
    "recap.answer",
)
AMONG_THE_LARGEST = Text(
    "Input and output of the layer, rescaled by the norm. Among the largest differences: {word}, {a} → {b}.",
    "ffn_norm.change",
)
THICKER = Text("{word}: the thicker a line, the larger the weight.", "attention of heads")


def words_seen(scene: StageScene, i: int) -> int:
    """How many words a token may look at."""
    return i + 1 if scene.trace.model.config.causal else len(scene.words)


def alike(tensor: DisplayTensor, i: int) -> tuple[list[int], Quantity]:
    """The columns of row i that print as its largest cell does, and how many there are."""
    best = leading(tensor.printed(i), tensor.decimals)
    return best, count(len(best), Count.ALIKE, tensor.row(i), tensor.decimals)


def looked_at(scene: StageScene, weights: DisplayTensor, i: int) -> Named:
    """The words that get the largest weights of token i, itself called so."""
    seen = words_seen(scene, i)
    best, n = alike(weights, i)
    if len(best) == seen < len(scene.words) and seen > 1:
        text = Text("all {n} words up to itself", "words named").filled(n=str(seen))
        return Named(text, (n,))
    names = [scene.spoken(j) for j in best if j != i][:2] + [ITSELF] * (i in best)
    return together(names, n, seen)


def largest_at(tensor: DisplayTensor, i: int) -> Claim:
    """Where the largest of row i stands."""
    return largest_of(tensor.row(i), tensor.printed(i), tensor.decimals)


def even(scene: StageScene, weights: DisplayTensor, i: int) -> bool:
    """Whether a token's weights on what it may look at are nearly even, though not all alike in print."""
    seen = words_seen(scene, i)
    alike_all = len(leading(weights.printed(i), weights.decimals)) == seen
    return nearly_even(weights.values[i, :seen].tolist()) and not alike_all


def evenness(scene: StageScene, weights: DisplayTensor, i: int) -> Claim:
    """That they are."""
    return Claim(ClaimKind.NEARLY_EVEN, (weights.row(i)[: words_seen(scene, i)],))


def all_seen(scene: StageScene, i: int) -> Named:
    """The words that token i may look at, all of them."""
    seen, whole = words_seen(scene, i), len(scene.words)
    if 2 < seen < whole:
        text = Text("all {n} words up to itself", "words named")
        return Named(text.filled(n=str(seen)), (count(seen, Count.PLACE, i),))
    names = [*(scene.spoken(j) for j in [j for j in range(min(seen, 3)) if j != i][:2]), ITSELF]
    return together(names, scene.count("T") if seen == whole else count(seen, Count.PLACE, i), seen)


def most_attended(scene: StageScene, weights: DisplayTensor, i: int) -> Saying:
    """Where token i looks most, with the weight that is printed there."""
    largest, best = largest_at(weights, i), leading(weights.printed(i), weights.decimals)
    weight = (weights[i, best[0]], weights.decimals)
    values: dict[str, Value] = {"who": scene.spoken(i), "weight": weight}
    if even(scene, weights, i):
        text = Text("{who} looks at {whom} nearly equally: {weight} of its attention at most.", "attention")
        return Saying(text, {**values, "whom": all_seen(scene, i)}, (largest, evenness(scene, weights, i)))
    values["whom"] = looked_at(scene, weights, i)
    text = Text("{who} looks most at {whom}: {weight} of its attention each.", "attention")
    if len(best) == 1:
        text = Text("{who} looks most at {whom}: {weight} of its attention.", "attention")
    elif len(best) == words_seen(scene, i):
        text = Text("{who} looks at {whom} equally: {weight} of its attention each.", "attention")
    return Saying(text, values, (largest,))


def attention_of_heads(scene: StageScene, weights: Sequence[DisplayTensor], i: int) -> Saying:
    """Where each head's largest weight falls; where a head has no single largest one, only what can be seen."""
    bests = [leading(w.printed(i), w.decimals) for w in weights]
    values: dict[str, Value] = {"word": scene.spoken(i), "a": looked_at(scene, weights[0], i)}
    if any(even(scene, w, i) for w in weights):
        return _looks_even(scene, weights, i)
    if any(len(best) > 1 for best in bests):
        return _looks_shared(scene, weights, i, values, bests)
    facts = [largest_at(w, i) for w in weights]
    heads = [best[0] for best in bests]
    if len(set(heads)) == 1:
        return Saying(Text("{word} looks most at {a}.", "attention of heads"), values, facts)
    places = compared([[place_of_largest(w.row(i))] for w in weights], 0)
    text, more = (
        _looks_of_two(scene, weights, i) if len(heads) == 2 else _looks_of_many(scene, weights, i, heads)
    )
    return Saying(text, {**values, **more}, (*facts, places))


def _looks_even(scene: StageScene, weights: Sequence[DisplayTensor], i: int) -> Saying:
    """What can be said where a head's weights are nearly even."""
    values: dict[str, Value] = {"word": scene.spoken(i), "a": all_seen(scene, i)}
    if all(even(scene, w, i) for w in weights):
        facts = [evenness(scene, w, i) for w in weights]
        return Saying(Text("{word} looks at {a} nearly equally.", "attention of heads"), values, facts)
    return Saying(THICKER, values)


def _looks_shared(
    scene: StageScene,
    weights: Sequence[DisplayTensor],
    i: int,
    values: Mapping[str, Value],
    bests: Sequence[Sequence[int]],
) -> Saying:
    """What can be said where a head looks most at several words, of all that it may look at."""
    facts = [largest_at(w, i) for w in weights]
    if all(len(best) == words_seen(scene, i) for best in bests):
        return Saying(Text("{word} looks at {a} equally.", "attention of heads"), values, facts)
    if all(best == bests[0] for best in bests):
        return Saying(Text("{word} looks most at {a}, equally.", "attention of heads"), values, facts)
    return Saying(THICKER, values)


def _looks_of_two(
    scene: StageScene, weights: Sequence[DisplayTensor], i: int
) -> tuple[Text, dict[str, Value]]:
    """Two heads that look most at different words."""
    one, two = (count(k + 1, Count.HEAD, k) for k in range(2))
    text = Text("{word}: head {one} looks most at {a}, head {two} most at {b}.", "attention of heads")
    return text, {"b": looked_at(scene, weights[1], i), "one": one, "two": two}


def _looks_of_many(
    scene: StageScene, weights: Sequence[DisplayTensor], i: int, heads: Sequence[int]
) -> tuple[Text, dict[str, Value]]:
    """More heads, by the word that each looks at most: a word that stands out, if there is one."""
    (most, n), (_, fewer) = Counter(heads).most_common(2)
    if n == 1:
        return Text("{word}: every head looks most at a different word.", "attention of heads"), {}
    if n > fewer:
        like = weights[heads.index(most)]
        found = count(n, Count.HEADS, like.tensor.name, like.tensor.layer, i, most)
        text = Text("{word}: {n} of {h} heads look most at {a}, the others elsewhere.", "attention of heads")
        return text, {"a": looked_at(scene, like, i), "n": found, "h": count(len(heads), Count.SIZE, "h")}
    return Text("{word}: the heads do not all look most at the same word.", "attention of heads"), {}


def heaviest_row(scene: StageScene, weights: DisplayTensor, i: int) -> Saying:
    """Which row of V counts most for token i."""
    if even(scene, weights, i):
        text = Text("Each weight goes to one row of V; here they are nearly even.", "context.attach")
        return Saying(text, {}, (evenness(scene, weights, i),))
    best, n = alike(weights, i)
    whom = together([scene.spoken(j) for j in best[:2]], n, len(scene.words))
    text = Text("Each weight goes to one row of V; {whom} count most, equally.", "context.attach")
    if len(best) == 1:
        text = Text("Each weight goes to one row of V; {whom} counts most.", "context.attach")
    elif len(best) == len(scene.words):
        text = Text("Each weight goes to one row of V; here {whom} count the same.", "context.attach")
    return Saying(text, {"whom": whom}, (largest_at(weights, i),))


def called(scene: StageScene, k: int, among: Sequence[int]) -> Named:
    """A word of the vocabulary as captions say it, beside others that are named or drawn."""
    labels = scene.trace.model.labels
    return named_word(
        shortened(labels[k], scene.pen, theme.SIZE_CAPTION, SPOKEN, among=[labels[j] for j in among])
    )


def _all_called(scene: StageScene, words: Sequence[int], n: Quantity) -> Named:
    return together([called(scene, k, words[:2]) for k in words[:2]], n, _size(scene))


def _size(scene: StageScene) -> int:
    return scene.trace.model.config.vocab_size


def highest_score(
    scene: StageScene, scores: DisplayTensor, i: int, gloss: Aside, among: Sequence[int]
) -> Saying:
    """The word with the highest score in row i, with what it means; or all that have it."""
    best, n = alike(scores, i)
    score = (scores[i, int(scores.values[i].argmax())], scores.decimals)
    if len(best) == 1:
        values: dict[str, Value] = {
            "best": called(scene, best[0], [*among, *best]),
            "gloss": gloss,
            "score": score,
        }
        text = Text("The highest score goes to {best}{gloss}: {score}.", "logits.best")
        return Saying(text, values, (largest_at(scores, i),))
    values = {"best": _all_called(scene, best, n), "score": score}
    text = Text("The highest score goes to {best}: {score} each.", "logits.best")
    if len(best) == _size(scene):
        text = Text("The same score for {best}: {score}.", "logits.best")
    return Saying(text, values, (largest_at(scores, i),))


def likeliest(scene: StageScene, p: DisplayTensor, i: int, gloss: Aside) -> Saying:
    """The winner of row i and the runner-up; or all that share the first or the second place."""
    row = p.values[i]
    first, (best, n), largest = int(row.argmax()), alike(p, i), largest_at(p, i)
    values: dict[str, Value] = {"p": (p[i, first], p.decimals), "first": called(scene, first, best[:2])}
    if len(best) > 1:
        values["a"] = _all_called(scene, best, n)
        text = Text("Most likely next, equally: {a}, {p} each. Shown is {first}.", "probs.answer")
        if len(best) == len(row):
            text = Text("Equally likely next: {a}, {p} each. Shown is {first}.", "probs.answer")
        return Saying(text, values, (largest,))
    values["gloss"] = gloss
    rest = [k for k in range(len(row)) if k != first]
    if not rest:
        text = Text("Most likely next: {first}{gloss}, probability {p}.", "probs.answer")
        return Saying(text, values, (largest,))
    line, printed = p.row(i).only(rest), p.printed(i)[rest]
    seconds = [rest[k] for k in leading(printed, p.decimals)]
    others = count(len(seconds), Count.ALIKE, line, p.decimals)
    values |= {
        "b": _all_called(scene, seconds, others),
        "q": (p[i, max(rest, key=lambda k: (row[k], -k))], p.decimals),
    }
    facts = (largest, largest_of(line, printed, p.decimals))
    if len(seconds) > 1:
        text = Text("Most likely next: {first}{gloss}, probability {p}. Then {b}: {q} each.", "probs.answer")
        return Saying(text, values, facts)
    values |= {
        "first": called(scene, first, [first, *seconds]),
        "b": called(scene, seconds[0], [first, *seconds]),
    }
    text = Text("Most likely next: {first}{gloss}, probability {p}. Runner-up: {b}, {q}.", "probs.answer")
    return Saying(text, values, facts)


def answer(scene: StageScene, p: DisplayTensor, i: int, gloss: Aside) -> Saying:
    """The model's answer, or that it has no single one."""
    row = p.values[i]
    first, (best, n) = int(row.argmax()), alike(p, i)
    values: dict[str, Value] = {
        "p": (p[i, first], p.decimals),
        "word": called(scene, first, best[:2]),
        "gloss": gloss,
    }
    if len(best) == 1:
        text = Text("The model's answer: {word}{gloss}, with probability {p}.", "recap.answer")
        return Saying(text, values, (largest_at(p, i),))
    values["all"] = _all_called(scene, best, n)
    return Saying(NO_SINGLE_ANSWER, values, (largest_at(p, i),))


def largest_change(
    scene: StageScene, before: DisplayTensor, after: DisplayTensor, change: DisplayTensor
) -> Saying:
    """Where a layer's input and output differ most, one of the places if there are several, or that they do not."""
    sizes, width = abs(change.values), change.values.shape[1]
    row, col = divmod(int(sizes.argmax()), width)
    line = Terms(sizes.ravel(), lambda k: abs(change[k // width, k % width]))
    if format_number(float(sizes.max()), change.decimals) == format_number(0.0, change.decimals):
        text = Text("Input and output of the layer, row by row. Here they are the same.", "ffn_norm.change")
        return Saying(text, {}, (Claim(ClaimKind.ZERO, (line, change.decimals)),))
    values: dict[str, Value] = {
        "word": scene.spoken(row),
        "a": (before[row, col], before.decimals),
        "b": (after[row, col], after.decimals),
    }
    largest = largest_of(line, sizes.ravel(), change.decimals)
    if len(leading(sizes.flat, change.decimals)) > 1:
        return Saying(AMONG_THE_LARGEST, values, (largest,))
    text = Text(
        "Input and output of the layer, rescaled by the norm. Largest difference: {word}, {a} → {b}.",
        "ffn_norm.change",
    )
    return Saying(text, values, (largest,))
