"""The recap: the table of tensors, and the whole path from the sentence to the answer."""

from __future__ import annotations

from itertools import pairwise

from manim import FadeIn, FadeOut, LaggedStart

from tensorreel.visuals.chapters.journey.tensor_table import TensorTable
from tensorreel.visuals.chapters.journey.travel import Travel
from tensorreel.visuals.chapters.output.recap_bars import AnswerBars, RecapAnswer
from tensorreel.visuals.chapters.output.then_what import ThenWhat, going_on
from tensorreel.visuals.look import theme
from tensorreel.visuals.stage.comparisons import mixing
from tensorreel.visuals.stage.sayings import answer as said
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.stage.sentence import UNDER_MAP, Sentence
from tensorreel.visuals.stage.taking import blocks_of, whole_of
from tensorreel.words.text import Text


class Recap(StageScene):
    """All tensors, and the whole path in fast motion."""

    scene = "recap"
    place = "after"
    title = Text("Recap", "chapter")
    shows = Text("the recap of the film", "alt")
    meaning = Text("Every tensor once more, the whole path in fast motion, and the model's answer.", "deck")
    budget = 26.0

    def storyboard(self) -> None:
        """The table, then the journey along the map, then the answer."""
        table, model = self.architecture, self.trace.model
        stages = [(s.purpose, blocks_of(self, s.name), whole_of(self, s.name)) for s in table.stages]
        cards = TensorTable(stages, [whole_of(self, name) for name in table.parameters], self.pen)
        with self.beat("table", "Every tensor of the film; the box holds the parameters."):
            turn = cards.in_place_of(self.map, *self.tag)
            self.play(LaggedStart(*turn, lag_ratio=0.12), run_time=0.1 * len(turn))
            self.until_read(0.0)
            self.land()
        for k, (before, page) in enumerate(pairwise(cards.pages), 2):
            with self.beat(f"more {k}", "The table goes on."):
                self.play(FadeOut(*before), run_time=theme.QUICK)
                self.play(LaggedStart(*map(FadeIn, page), lag_ratio=0.12), run_time=1.6)
        sentence, travel = Sentence.of(self, y=UNDER_MAP), Travel(self)
        last = table.of_part("attention")[-1].number
        with self.beat("words", "Once more, fast: words become rows of numbers."):
            going = map(FadeOut, (*cards.pages[-1], cards.strip))
            self.play(LaggedStart(*going, lag_ratio=0.12), run_time=theme.SHORT)
            self.play(FadeIn(self.map, *self.tag), FadeIn(*sentence.words), run_time=theme.QUICK)
            travel.start(sentence.words)
            travel.visit(table.prologue, each=0.5)
        with self.beat("attention", mixing(self, whole_of(self, "attn_output"))):
            travel.visit(s for s in table.layer if s.number <= last)
        with self.beat("alone", "Then every row goes on by itself."):
            travel.visit(s for s in table.layer if s.number > last)
        with self.beat(
            "score", "Layers done: {L}. Now each word of the vocabulary gets a score.", L=self.count("L")
        ):
            travel.again(model.config.n_layers - 1)
            travel.visit(table.epilogue)
            travel.mark_last()
        p = self.show("probs")
        bars = AnswerBars(p, model.labels, self.pen, glosses=model.glosses)
        answer = RecapAnswer(self, bars)
        with self.beat("answer", said(self, p, len(p.values) - 1, bars.meaning), story="This is the answer."):
            answer.ask(*travel.finish())
            answer.grow()
            answer.fill()
        self.then(answer)

    def then(self, answer: RecapAnswer) -> None:
        """The word that is found joins the sentence, as far as there are positions."""
        with self.beat("then", going_on(self), why=True):
            ThenWhat(self, answer).join()
        self.wait(1.0 / self.options.pace, frozen_frame=True)
