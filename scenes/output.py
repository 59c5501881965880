"""Stages 16–18: last hidden state, logits, probabilities."""

from __future__ import annotations

from manim import FadeIn, FadeOut, VGroup

from tensorreel.core.quantity import Count, count, stage_number
from tensorreel.visuals.chapters.attention.scores import ReadScores, with_best
from tensorreel.visuals.chapters.attention.transpose import Transpose
from tensorreel.visuals.chapters.journey.layerpath import PathRows, SpherePaths, follow, way_picture
from tensorreel.visuals.chapters.journey.layers import RunLayer
from tensorreel.visuals.chapters.output.next_word import NextWordAnswer
from tensorreel.visuals.chapters.output.positions_seen import Seen, show_seen
from tensorreel.visuals.lettering.captions import meaning_of
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.alone import wide_grid
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.shading import ranged
from tensorreel.visuals.product.corner import CornerFalk, CornerMatMul
from tensorreel.visuals.product.whole import result
from tensorreel.visuals.shares.shares import ShareTable, Turning
from tensorreel.visuals.shares.softmax import Softmax, quick_row
from tensorreel.visuals.shares.softmax_sheet import Bench, SoftmaxRow
from tensorreel.visuals.stage.comparisons import mask_of
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.sayings import highest_score, likeliest
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.glosses import meant
from tensorreel.words.text import Aside


class LastHiddenState(StageScene):
    """H⁽ᴸ⁾: the other layers in fast motion, and one token's way through all of them."""

    stage = "last_hidden_state"
    budget = 20.0

    @property
    def default_token(self) -> int:
        """The last position: the next word is read from its row."""
        return len(self.words) - 1

    def storyboard(self) -> None:
        """Run the layers that are left, follow one token, give the result."""
        layers = self.trace.model.config.n_layers
        if layers > 1:
            self.others(layers)
        self.way(layers)
        last = self.show(self.stage)
        grid = wide_grid(last, self.pen, self.words, focus=self.token)
        ranged(grid.badge, last, self.pen)
        with self.beat("last", "What leaves the last layer goes to the output."):
            self.until_read(theme.QUICK + theme.SHORT + theme.HOLD_ENTRANCE)
            self.play(FadeOut(self.path), run_time=theme.QUICK)
            self.play(FadeIn(grid), run_time=theme.SHORT)
        self.leave(grid)

    def others(self, layers: int) -> None:
        """Layers 2 … L in fast motion, each with its own numbers."""
        run = RunLayer(self)
        hidden = wide_grid(self.show("hidden", layer=1), self.pen, self.words, focus=self.token)
        said = "Layer {one}'s result goes back to the start of layer {two}."
        numbers = [count(k + 1, Count.LAYER, k) for k in range(layers)]
        with self.beat("back", said, lit=self.given, one=numbers[0], two=numbers[1]):
            self.enter(hidden, from_station=self.given[0])
            self.until_read(2.7)
            run.back(hidden)
        for layer in range(1, layers):
            again = "Layer {n}: stages {a} to {b} again, with its own weights and numbers."
            a, b = stage_number(self.architecture.layer[0]), stage_number(self.architecture.layer[-1])
            with self.beat(f"layer {layer + 1}", again, lit=self.given, n=numbers[layer], a=a, b=b):
                run.run(layer, self.token, run_time=4.6 / (layers - 1))
        self.play(*run.end(), run_time=theme.QUICK)

    def way(self, layers: int) -> None:
        """One token's row after every layer, beside the sphere (d = 4) or its values' courses."""
        i, states = self.token, [self.show("hidden", layer=k) for k in range(layers)]
        after = [*states[1:], self.show(self.given[0], layer=layers - 1)]
        rows = PathRows([states[0], *after], i, self.words[i], self.pen)
        picture = way_picture(self, rows, states[0], after)
        self.path = VGroup(rows, picture)
        said = "{word} on its way through the layers: its row after each."
        if isinstance(picture, SpherePaths):
            said = "{word} through the layers: its row, and its way on the sphere."
        if layers == 1:
            said = "This model has one layer, so nothing more has to run."
        with self.beat("way", said, word=self.spoken(i), story="{word}, layer by layer."):
            follow(self, rows, picture)
            self.land()


class Logits(StageScene):
    """logits = H⁽ᴸ⁾ Eᵀ: the last vector is compared with every word's row of E."""

    stage = "logits"
    budget = 31.0
    loops = ("turn",)

    @property
    def default_token(self) -> int:
        """The last position: its row answers what comes next."""
        return len(self.words) - 1

    def storyboard(self) -> None:
        """E comes back and turns; one dot product a word; signed bars; the highest."""
        h, table, scores = self.show(self.given[0]), self.show("E"), self.show("logits")
        i, vocabulary = self.token, self.trace.model.labels
        falk = CornerFalk(
            h,
            table.transposed(),
            scores,
            self.pen,
            names=self.words,
            col_names=vocabulary,
            focus=i,
            outer=with_best(int(scores.values[i].argmax())),
        )
        product = CornerMatMul(self, falk)
        turn = Transpose(self, falk.b, names=vocabulary, corner=falk.beside_a())
        with self.beat("table", "The word table E comes back: every word's own row.", lit=self.factors):
            self.enter(falk.a)
            self.until_read(theme.MEDIUM + theme.HOLD_ENTRANCE)
            self.enter(turn.before, from_station="token_embedding")
        with self.beat("turn", "Transposed, every word becomes a column.", lit=self.learned):
            turn.turn(run_time=2.8)
            turn.settle(FadeIn(falk.c))
        with self.beat(
            "cell", "{word}'s vector times a word's column: how well do they match?", word=self.spoken(i)
        ):
            product.cell(slow=0.5)
        self.explain(scores)
        with self.beat("row", "One score for every word, at every position."):
            product.row(most=1, each=0.4)
            product.sweep(run_time=0.9)
        self.read(ReadScores(self, falk))

    def read(self, scores: ReadScores) -> None:
        """The chosen row as bars, and its highest word."""
        best = scores.best_word
        with self.beat("bars", "Softmax will compare them: the higher a bar ends, the likelier the word."):
            scores.aside()
            self.until_read(theme.LONG + 2 * theme.SHORT)
            scores.bars()
        tensor = scores.falk.c.tensor
        said = highest_score(self, tensor, scores.row, _meaning(self, best), scores.falk.c.cols)
        with self.beat("best", said, story=True):
            scores.best()
        self.leave(result(self, scores.grid))


class Probs(StageScene):
    """p = softmax(logits): the answer."""

    stage = "probs"
    budget = 36.0

    @property
    def default_token(self) -> int:
        """The last position: its row answers what comes next."""
        return len(self.words) - 1

    def storyboard(self) -> None:
        """The chosen row through softmax, its answer, then every position's row."""
        x, p, i = self.show("logits"), self.show("probs"), self.token
        vocabulary = self.trace.model.labels
        first = int(p.values[i].argmax())
        bench = Bench(SoftmaxRow.of(x, p, i, vocabulary), self.pen, self.theme.role(p.role))
        table = ShareTable(x, p, self.pen, row_names=self.words, col_names=vocabulary, focus=(i, first))
        softmax = Softmax(self, bench, i, table.before, table.slots)
        rows = Turning(self, table, softmax)
        last = i == len(self.words) - 1
        with self.beat(
            "logits",
            "The last token's row: one score for every word."
            if last
            else "This token's row: one score for every word.",
            lit=self.given,
        ):
            self.enter(table.before)
            softmax.mark()
        quick_row(self, softmax)
        self.answer(softmax, p)
        self.explain(p)
        said = "Every position has such a row: a probability for each word."
        if self.trace.model.config.causal:
            said = "Every position has such a row of probabilities, each a guess at a next word."
        with self.beat("rows", said):
            rows.settle()
            rows.others(slow=1, run_time=2.0)
            rows.point_at_best()
        self.honest(rows, p)

    def answer(self, softmax: Softmax, p: DisplayTensor) -> None:
        """The winner and the runner-up; the English film says what the winner means."""
        i, first = softmax.i, int(p.values[softmax.i].argmax())
        answer = NextWordAnswer(self, softmax, self.words[: i + 1], _gloss(self, first))
        guess = Guess(self, answer.sentence.place.get_center(), size=theme.SIZE_CAPTION)
        with self.beat("guess", "Which word will the model put here?"):
            answer.ask()
            guess.ask()
        with self.beat("answer", likeliest(self, p, i, _meaning(self, first)), story=True):
            guess.reveal()
            answer.answer()

    def honest(self, rows: Turning, p: DisplayTensor) -> None:
        """What the positions have seen when they guess: lines back, lines ahead, and who looks at the unknown."""
        model = self.trace.model
        seen = Seen(p, self.words, model.labels, self.pen, causal=model.config.causal)
        with self.beat(
            "honest",
            "A causal mask was on: each position has seen only itself and the tokens before."
            if model.config.causal
            else "No mask here: every position has seen every token. Only the last row is used.",
            facts=(mask_of(self),),
        ):
            show_seen(self, seen, rows.table.after, self.on_stage())
            self.land()
        self.leave(*seen.output)


def _gloss(scene: StageScene, word: int) -> str:
    """What a word of the vocabulary means, in the film's language."""
    model = scene.trace.model
    return meant(model.labels, model.glosses, scene.pen.lang)[word]


def _meaning(scene: StageScene, word: int) -> Aside:
    """The same as a caption adds it to the word."""
    return meaning_of(_gloss(scene, word), scene.pen)
