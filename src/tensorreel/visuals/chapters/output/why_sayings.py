"""What the way back from the answer says of its numbers, in sentences that are true of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tensorreel.core.claim import largest_of
from tensorreel.core.formatting import leading
from tensorreel.core.quantity import Count, Terms, count
from tensorreel.visuals.chapters.output.trail import Trail
from tensorreel.visuals.lettering.captions import Saying, Value
from tensorreel.visuals.stage.sayings import all_seen, called, even, evenness, largest_at, looked_at
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

DECIDES = Text("Here the difference is largest.", "why.column")
AMONG = Text("Here is one of the largest differences.", "why.column")
BEFORE_NORM = Text("Before the norms: attention added {a}, the FFN {f}.", "why.sums")
ADDED = Text("Back in the last layer: attention added {a}, the FFN {f}.", "why.sums")
MOST_FROM = Text("Head {n} has the largest share of it.", "why.heads")
FROM = Text("It is a sum over the heads.", "why.heads")


def asked(scene: StageScene, trail: Trail) -> Saying:
    """The question: two scores, or one where the vocabulary has no second word."""
    words = [trail.first, trail.second]
    first = called(scene, trail.first, words)
    if trail.first == trail.second:
        return Saying(Text("Why {word}? Its score, term by term.", "why.terms"), {"word": first})
    values: Mapping[str, Value] = {"word": first, "other": called(scene, trail.second, words)}
    return Saying(Text("Why {word}, not {other}? Term by term.", "why.terms"), values)


def decided(trail: Trail) -> Saying:
    """Which term makes the largest difference."""
    line, decimals = trail.differences, trail.scores.decimals
    alone = len(leading(line.values, decimals)) == 1
    return Saying(DECIDES if alone else AMONG, {}, (largest_of(line, line.values, decimals),))


def added_by(trail: Trail) -> Saying:
    """What attention and the feed-forward network have added."""
    ffn, attention = trail.additions
    at = trail.row, trail.column
    values: Mapping[str, Value] = {
        "f": (ffn.added[at], trail.digits[0][1]),
        "a": (attention.added[at], trail.digits[1][1]),
    }
    return Saying(BEFORE_NORM if ffn.normed else ADDED, values)


def shared_out(trail: Trail) -> Saying:
    """Which head's share of that is the largest."""
    shares = trail.shares
    assert shares is not None
    k = shares.strongest
    share = trail.digits[-1][0]
    values: Mapping[str, Value] = {"n": count(k + 1, Count.HEAD, k)}
    sizes = Terms([abs(q.value) for q in shares.heads], lambda n: abs(shares.heads[n]))
    if len(leading(sizes.values, share)) > 1:
        return Saying(FROM)
    return Saying(MOST_FROM, values, (largest_of(sizes, sizes.values, share),))


def looked_by_head(scene: StageScene, trail: Trail) -> Saying:
    """Where the head with the largest share has looked."""
    weights, i, shares = trail.weights, trail.row, trail.shares
    assert shares is not None
    best = leading(weights.printed(i), weights.decimals)
    values: dict[str, Value] = {
        "n": count(shares.strongest + 1, Count.HEAD, shares.strongest),
        "weight": (weights[i, best[0]], weights.decimals),
    }
    if even(scene, weights, i):
        text = Text("Head {n} looked at {whom} nearly equally: {weight} at most.", "why.words")
        facts = (largest_at(weights, i), evenness(scene, weights, i))
        return Saying(text, {**values, "whom": all_seen(scene, i)}, facts)
    text = Text("Head {n} looked most at {whom}: {weight}.", "why.words")
    if len(best) > 1:
        text = Text("The largest weight of head {n} goes to {whom}: {weight} each.", "why.words")
    return Saying(text, {**values, "whom": looked_at(scene, weights, i)}, (largest_at(weights, i),))
