"""Sentences about the largest of some numbers, chosen by the digits that are printed: what looks equal is called equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensorreel.core.formatting import NOISE, format_number, leading
from tensorreel.core.quantity import Count, Quantity, count
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
AMONG_THE_MOST = Text(
    "What the layer changed, row by row. Among the most: {word}, {a} → {b}.", "ffn_norm.change"
)


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


def most_attended(scene: StageScene, weights: DisplayTensor, i: int) -> Saying:
    """Where token i looks most, with the weight that is printed there."""
    best = leading(weights.printed(i), weights.decimals)
    weight = (weights[i, best[0]], weights.decimals)
    values: dict[str, Value] = {
        "who": scene.spoken(i),
        "whom": looked_at(scene, weights, i),
        "weight": weight,
    }
    if len(best) == 1:
        return Text("{who} looks most at {whom}: {weight} of its attention.", "attention"), values
    if len(best) == words_seen(scene, i):
        return Text("{who} looks at {whom} equally: {weight} of its attention each.", "attention"), values
    return Text("{who} looks most at {whom}: {weight} of its attention each.", "attention"), values


def _looks_shared(bests: Sequence[Sequence[int]], seen: int) -> Text:
    """What can be said where a head looks most at several words, of all that it may look at."""
    if all(len(best) == seen for best in bests):
        return Text("{word} looks at {a} equally.", "attention of heads")
    if all(best == bests[0] for best in bests):
        return Text("{word} looks most at {a}, equally.", "attention of heads")
    return Text("{word}: the thicker a line, the larger the weight.", "attention of heads")


def attention_of_heads(scene: StageScene, weights: Sequence[DisplayTensor], i: int) -> Saying:
    """Where each head's largest weight falls; where a head has no single largest one, only what can be seen."""
    bests = [leading(w.printed(i), w.decimals) for w in weights]
    values: dict[str, Value] = {"word": scene.spoken(i), "a": looked_at(scene, weights[0], i)}
    if any(len(best) > 1 for best in bests):
        return _looks_shared(bests, words_seen(scene, i)), values
    heads = [best[0] for best in bests]
    if len(set(heads)) == 1:
        return Text("{word} looks most at {a}.", "attention of heads"), values
    text, more = (
        _looks_of_two(scene, weights, i) if len(heads) == 2 else _looks_of_many(scene, weights, i, heads)
    )
    return text, {**values, **more}


def _looks_of_two(scene: StageScene, weights: Sequence[DisplayTensor], i: int) -> Saying:
    """Two heads that look most at different words."""
    one, two = (count(k + 1, Count.HEAD, k) for k in range(2))
    text = Text("{word}: head {one} looks most at {a}, head {two} most at {b}.", "attention of heads")
    return text, {"b": looked_at(scene, weights[1], i), "one": one, "two": two}


def _looks_of_many(
    scene: StageScene, weights: Sequence[DisplayTensor], i: int, heads: Sequence[int]
) -> Saying:
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
    best, n = alike(weights, i)
    whom = together([scene.spoken(j) for j in best[:2]], n, len(scene.words))
    text = Text("Each weight goes to one row of V; {whom} count most, equally.", "context.attach")
    if len(best) == 1:
        text = Text("Each weight goes to one row of V; {whom} counts most.", "context.attach")
    elif len(best) == len(scene.words):
        text = Text("Each weight goes to one row of V; here {whom} count the same.", "context.attach")
    return text, {"whom": whom}


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
        return Text("The highest score goes to {best}{gloss}: {score}.", "logits.best"), values
    values = {"best": _all_called(scene, best, n), "score": score}
    if len(best) == _size(scene):
        return Text("The same score for {best}: {score}.", "logits.best"), values
    return Text("The highest score goes to {best}: {score} each.", "logits.best"), values


def likeliest(scene: StageScene, p: DisplayTensor, i: int, gloss: Aside) -> Saying:
    """The winner of row i and the runner-up; or all that share the first or the second place."""
    row = p.values[i]
    first, (best, n) = int(row.argmax()), alike(p, i)
    values: dict[str, Value] = {"p": (p[i, first], p.decimals), "first": called(scene, first, best[:2])}
    if len(best) > 1:
        values["a"] = _all_called(scene, best, n)
        if len(best) == len(row):
            return Text("Equally likely next: {a}, {p} each. Shown is {first}.", "probs.answer"), values
        return Text("Most likely next, equally: {a}, {p} each. Shown is {first}.", "probs.answer"), values
    values["gloss"] = gloss
    rest = [k for k in range(len(row)) if k != first]
    if not rest:
        return Text("Most likely next: {first}{gloss}, probability {p}.", "probs.answer"), values
    seconds = [rest[k] for k in leading(p.printed(i)[rest], p.decimals)]
    others = count(len(seconds), Count.ALIKE, p.row(i).only(rest), p.decimals)
    values |= {
        "b": _all_called(scene, seconds, others),
        "q": (p[i, max(rest, key=lambda k: (row[k], -k))], p.decimals),
    }
    if len(seconds) > 1:
        text = Text("Most likely next: {first}{gloss}, probability {p}. Then {b}: {q} each.", "probs.answer")
        return text, values
    values |= {
        "first": called(scene, first, [first, *seconds]),
        "b": called(scene, seconds[0], [first, *seconds]),
    }
    text = Text("Most likely next: {first}{gloss}, probability {p}. Runner-up: {b}, {q}.", "probs.answer")
    return text, values


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
        return Text("The model's answer: {word}{gloss}, with probability {p}.", "recap.answer"), values
    values["all"] = _all_called(scene, best, n)
    return NO_SINGLE_ANSWER, values


def largest_change(
    scene: StageScene, before: DisplayTensor, after: DisplayTensor, change: DisplayTensor
) -> Saying:
    """Where a layer changed most, one of the places if there are several, or that nothing has changed."""
    sizes = abs(change.values)
    top = int(sizes.argmax())
    row, col = divmod(top, sizes.shape[1])
    if format_number(float(sizes.max()), change.decimals) == format_number(0.0, change.decimals):
        return Text("What the layer changed, row by row. Here: nothing.", "ffn_norm.change"), {}
    values: dict[str, Value] = {
        "word": scene.spoken(row),
        "a": (before[row, col], before.decimals),
        "b": (after[row, col], after.decimals),
    }
    if len(leading(sizes.flat, change.decimals)) > 1:
        return AMONG_THE_MOST, values
    return Text("What the layer changed, row by row. Most: {word}, {a} → {b}.", "ffn_norm.change"), values


def units_differ(hidden: DisplayTensor) -> bool:
    """Whether not all words switch on the same units."""
    on = hidden.values > NOISE
    return bool((on != on[0]).any())
