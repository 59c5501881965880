"""The opening: the sentence, its tokens, the model's sizes, the way ahead, and the question."""

from __future__ import annotations

from manim import FadeIn, FadeOut, LaggedStart

from tensorreel.core.model import Model
from tensorreel.core.quantity import Count, count
from tensorreel.core.sizes import SIZES
from tensorreel.core.variation import told_of
from tensorreel.models import one_decimal
from tensorreel.visuals.chapters.embedding.sizes import SizePanel
from tensorreel.visuals.chapters.embedding.vocabulary import VocabularyRow
from tensorreel.visuals.chapters.journey.journey import MapLight, MapParts, lowered, risen
from tensorreel.visuals.lettering.captions import Named
from tensorreel.visuals.look import theme
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.visuals.stage.sentence import ALONE, Cut, Sentence
from tensorreel.words.text import Text

ANY = Text("These are the model's sizes.", "opening.sizes")
ONE_DECIMAL = Text(
    "A search chose the weights, one decimal each. In a real model training finds them.", "opening.sizes"
)
CHOSEN = {
    "search": Text("A search chose the weights. In a real model training finds them.", "opening.sizes"),
    "hand": Text("The weights were written by hand. In a real model training finds them.", "opening.sizes"),
    "training": Text("Training has found the weights.", "opening.sizes"),
}


def who_chose(model: Model) -> Text:
    """Who chose the weights, as far as the model says it."""
    if model.origin == "search" and model.ask(one_decimal):
        return ONE_DECIMAL
    return CHOSEN.get(model.origin, ANY)


class Opening(StageScene):
    """Which word comes next?"""

    scene = "opening"
    place = "before"
    title = Text("Opening", "chapter")
    shows = Text("the opening of the film", "alt")
    meaning = Text(
        "The sentence, its tokens, the model's sizes, and the question: which word comes next?", "deck"
    )
    budget = 22.0

    def storyboard(self) -> None:
        """The question first, then what will answer it, then the question again."""
        self.remove(self.map)
        model, sentence = self.trace.model, Sentence.of(self, y=ALONE)
        with self.beat("question", "Which word comes next?", story=True):
            self.play(LaggedStart(*map(FadeIn, sentence.words), lag_ratio=0.35), run_time=theme.LONG)
            self.play(FadeIn(sentence.meanings, sentence.rest, sentence.slot), run_time=theme.SHORT)
        with self.beat("tokens", "The sentence is cut into tokens, and each one has a number: its id."):
            Cut(self, sentence).play()
        if model.variations:
            with self.beat("variation", "What if: {what}. All else is as it was.", what=self.changed()):
                pass
        panel = SizePanel({letter: self.count(letter) for letter in SIZES}, self.pen)
        with self.beat("sizes", who_chose(model)):
            self.play(FadeOut(sentence.extras), run_time=theme.QUICK)
            self.play(*sentence.raised(), run_time=theme.MEDIUM)
            self.until_read(theme.LONG + theme.HOLD_ENTRANCE)
            self.play(LaggedStart(*map(FadeIn, panel.tiles), lag_ratio=0.15), run_time=theme.LONG)
        parts, light = MapParts(self.pen, self.map), MapLight(self, lowered(self.map))
        with self.beat(
            "map",
            "The way from the words to the answer has {n} stations.",
            n=count(len(self.architecture.stages), Count.STAGES),
        ):
            self.play(FadeOut(panel), run_time=theme.SHORT)
            self.play(*sentence.at_both_ends(), run_time=theme.MEDIUM)
            self.play(FadeIn(parts), FadeIn(self.map), run_time=theme.SHORT)
            light.run(run_time=2.4)
        vocabulary = VocabularyRow(model.labels, self.pen, glosses=model.glosses)
        with self.beat("answer", "Which of its {V} words will the model put here?", V=self.count("V")):
            self.play(FadeOut(parts), light.away(), run_time=theme.SHORT)
            self.play(risen(self.map), *sentence.whole(), run_time=theme.MEDIUM)
            cards = LaggedStart(*map(FadeIn, vocabulary.cards), lag_ratio=0.1)
            self.play(cards, FadeIn(vocabulary.more, sentence.meant()), run_time=theme.MEDIUM)
        self.play(*light.out(), run_time=theme.QUICK)
        self.leave()

    def changed(self) -> Named:
        """What was changed about the model, in words."""
        said = told_of(self.trace.model)
        assert said is not None
        return Named(said)
