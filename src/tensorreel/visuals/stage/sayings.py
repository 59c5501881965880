"""Sentences about the largest of some numbers, chosen by the digits that are printed: what looks equal is called equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensorreel.core.formatting import NOISE, format_number, leading
from tensorreel.core.quantity import count
from tensorreel.visuals.lettering.captions import SPOKEN, Named, Value, named, together
from tensorreel.visuals.lettering.glyphs import shortened
from tensorreel.visuals.look import theme as T
from tensorreel.visuals.matrix.shown import Shown
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Saying = tuple[str, str, dict[str, Value]]  # English, Japanese, and what is put into them
ITSELF = Named(Text("itself", "自分自身"))


def words_seen(scene: StageScene, i: int) -> int:
    """How many words a token may look at."""
    return i + 1 if scene.trace.model.config.causal else len(scene.words)


def looked_at(scene: StageScene, best: Sequence[int], i: int) -> Named:
    """The words that get the largest weights of token i, itself called so."""
    seen = words_seen(scene, i)
    if len(best) == seen < len(scene.words) and seen > 1:
        text = Text(f"all {seen} words up to itself", f"自分までの{seen}語すべて")
        return Named(text, (count(seen, "alike"),))
    names = [scene.spoken(j) for j in best if j != i][:2] + [ITSELF] * (i in best)
    return together(names, len(best), seen)


def attention(scene: StageScene, weights: Shown, i: int) -> Saying:
    """Where token i looks most, with the weight that is printed there."""
    best = leading(weights.values[i], weights.decimals)
    weight = (weights[i, best[0]], weights.decimals)
    values: dict[str, Value] = {"who": scene.spoken(i), "whom": looked_at(scene, best, i), "weight": weight}
    if len(best) == 1:
        return (
            "{who} looks most at {whom}: {weight} of its attention.",
            "{who}が最も注目するのは{whom}(重み{weight})。",
            values,
        )
    if len(best) == words_seen(scene, i):
        en = "{who} looks at {whom} equally: {weight} of its attention each."
        return en, "{who}は{whom}に等しく注目する(重み各{weight})。", values
    en = "{who} looks most at {whom}: {weight} of its attention each."
    return en, "{who}が最も注目するのは{whom}(重み各{weight})。", values


def attention_of_heads(scene: StageScene, weights: Sequence[Shown], i: int) -> Saying:
    """Where each head's largest weight falls; where a head has no single largest one, only what can be seen."""
    bests = [leading(w.values[i], w.decimals) for w in weights]
    values: dict[str, Value] = {"word": scene.spoken(i), "a": looked_at(scene, bests[0], i)}
    if any(len(best) > 1 for best in bests):
        if all(len(best) == words_seen(scene, i) for best in bests):
            return "{word} looks at {a} equally.", "{word}は{a}に等しく注目する。", values
        if all(best == bests[0] for best in bests):
            return "{word} looks most at {a}, equally.", "{word}が最も注目するのは{a}で、等しい。", values
        return (
            "{word}: the thicker a line, the larger the weight.",
            "{word}:線が太いほど、重みが大きい。",
            values,
        )
    heads = {best[0] for best in bests}
    if len(heads) == 1:
        return "{word} looks most at {a}.", "{word}が最も注目するのは{a}。", values
    if len(bests) == 2:
        values |= {"b": looked_at(scene, bests[1], i), "one": count(1, "head"), "two": count(2, "head")}
        en = "{word}: head {one} looks most at {a}, head {two} most at {b}."
        return en, "{word}を見ると、ヘッド{one}は{a}、ヘッド{two}は{b}に最も注目する。", values
    if len(heads) == len(bests):
        en = "{word}: every head looks most at a different word."
        return en, "{word}が最も注目する単語は、どのヘッドでも違う。", values
    often = Counter(best[0] for best in bests).most_common(2)
    if often[0][1] > often[1][1]:
        values |= {
            "a": looked_at(scene, [often[0][0]], i),
            "n": count(often[0][1], "heads"),
            "h": count(len(bests), "h"),
        }
        en = "{word}: {n} of {h} heads look most at {a}, the others elsewhere."
        return en, "{word}:{h}個のヘッドのうち{n}個は{a}に最も注目する。ほかは別の単語。", values
    en = "{word}: the heads do not all look most at the same word."
    return en, "{word}が最も注目する単語は、すべてのヘッドで同じではない。", values


def heaviest_row(scene: StageScene, weights: Shown, i: int) -> Saying:
    """Which row of V counts most for token i."""
    best = leading(weights.values[i], weights.decimals)
    whom = together([scene.spoken(j) for j in best[:2]], len(best), len(scene.words))
    en, ja = "Each weight goes to one row of V; ", "各重みをVの行に付ける。"
    if len(best) == 1:
        return en + "{whom} counts most.", ja + "最も大きいのは{whom}。", {"whom": whom}
    if len(best) == len(scene.words):
        return en + "here {whom} count the same.", ja + "ここでは{whom}が等しい。", {"whom": whom}
    return en + "{whom} count most, equally.", ja + "最も大きいのは{whom}で、等しい。", {"whom": whom}


def called(scene: StageScene, k: int, among: Sequence[int]) -> Named:
    """A word of the vocabulary as captions say it, beside others that are named or drawn."""
    labels = scene.trace.model.labels
    return named(shortened(labels[k], scene.pen, T.SIZE_CAPTION, SPOKEN, among=[labels[j] for j in among]))


def _all_called(scene: StageScene, words: Sequence[int]) -> Named:
    return together([called(scene, k, words[:2]) for k in words[:2]], len(words), _size(scene))


def _size(scene: StageScene) -> int:
    return scene.trace.model.config.vocab_size


def highest_score(scene: StageScene, scores: Shown, i: int, gloss: str, among: Sequence[int]) -> Saying:
    """The word with the highest score in row i, with what it means; or all that have it."""
    best = leading(scores.values[i], scores.decimals)
    score = (scores[i, int(scores.values[i].argmax())], scores.decimals)
    if len(best) == 1:
        values: dict[str, Value] = {
            "best": called(scene, best[0], [*among, *best]),
            "gloss": gloss,
            "score": score,
        }
        return (
            "The highest score goes to {best}{gloss}: {score}.",
            "点数が最も高いのは{best}の{score}。",
            values,
        )
    values = {"best": _all_called(scene, best), "score": score}
    if len(best) == _size(scene):
        return "The same score for {best}: {score}.", "{best}が同じ点数{score}。", values
    return "The highest score goes to {best}: {score} each.", "点数が最も高いのは{best}(各{score})。", values


def likeliest(scene: StageScene, p: Shown, i: int, gloss: str) -> Saying:
    """The winner of row i and the runner-up; or all that share the first or the second place."""
    row = p.values[i]
    first, best = int(row.argmax()), leading(row, p.decimals)
    values: dict[str, Value] = {"p": (p[i, first], p.decimals), "first": called(scene, first, best[:2])}
    if len(best) > 1:
        values["a"] = _all_called(scene, best)
        if len(best) == len(row):
            en = "Equally likely next: {a}, {p} each. Shown is {first}."
            return en, "次の単語として{a}の確率が等しい(各{p})。図に置くのは{first}。", values
        en = "Most likely next, equally: {a}, {p} each. Shown is {first}."
        return en, "次に来る確率が最も高いのは{a}(各{p})で、等しい。図に置くのは{first}。", values
    en, ja = "Most likely next: {first}{gloss}, probability {p}.", "次に来る確率が最も高いのは{first}({p})"
    values["gloss"] = gloss
    rest = [k for k in range(len(row)) if k != first]
    if not rest:
        return en, ja + "。", values
    seconds = [rest[k] for k in leading(row[rest], p.decimals)]
    values |= {
        "b": _all_called(scene, seconds),
        "q": (p[i, max(rest, key=lambda k: (row[k], -k))], p.decimals),
    }
    if len(seconds) > 1:
        return en + " Then {b}: {q} each.", ja + "、次いで{b}(各{q})。", values
    values |= {
        "first": called(scene, first, [first, *seconds]),
        "b": called(scene, seconds[0], [first, *seconds]),
    }
    return en + " Runner-up: {b}, {q}.", ja + "、次点は{b}({q})。", values


def answer(scene: StageScene, p: Shown, i: int, gloss: str) -> Saying:
    """The model's answer, or that it has no single one."""
    row = p.values[i]
    first, best = int(row.argmax()), leading(row, p.decimals)
    values: dict[str, Value] = {
        "p": (p[i, first], p.decimals),
        "word": called(scene, first, best[:2]),
        "gloss": gloss,
    }
    if len(best) == 1:
        en = "The model's answer: {word}{gloss}, with probability {p}."
        return en, "モデルの答えは{word}。確率は{p}。", values
    values["all"] = _all_called(scene, best)
    en = "The model has no single answer: {all} are equally likely, {p} each. Shown is {word}."
    return en, "答えは一つに決まらない。{all}の確率が等しい(各{p})。図に置くのは{word}。", values


def largest_change(scene: StageScene, before: Shown, after: Shown, change: Shown) -> Saying:
    """Where a layer changed most, one of the places if there are several, or that nothing has changed."""
    sizes = abs(change.values)
    top = int(sizes.argmax())
    row, col = divmod(top, sizes.shape[1])
    en, ja = "What the layer changed, row by row. ", "この層による変化。"
    if format_number(float(sizes.max()), change.decimals) == format_number(0.0, change.decimals):
        return en + "Here: nothing.", ja + "ここでは何も変わらない。", {}
    values: dict[str, Value] = {
        "word": scene.spoken(row),
        "a": (before[row, col], before.decimals),
        "b": (after[row, col], after.decimals),
    }
    if len(leading(sizes.flat, change.decimals)) > 1:
        return en + "Among the most: {word}, {a} → {b}.", ja + "最大の一つは{word}の{a} → {b}。", values
    return en + "Most: {word}, {a} → {b}.", ja + "最大は{word}の{a} → {b}。", values


def units_differ(hidden: Shown) -> bool:
    """Whether not all words switch on the same units."""
    on = hidden.values > NOISE
    return bool((on != on[0]).any())
