"""Why this word: from the answer back to the word that an important head has looked at."""

from __future__ import annotations

from tensorreel.visuals.chapters.output.duel import Compare, Duel
from tensorreel.visuals.chapters.output.trail import Trail
from tensorreel.visuals.chapters.output.way_back import GoBack, WayBack, WordsSeen
from tensorreel.visuals.chapters.output.why_sayings import (
    added_by,
    asked,
    decided,
    looked_by_head,
    shared_out,
)
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.text import Text


class Why(StageScene):
    """The winner's score beside the runner-up's, and the way back from the term that decides."""

    scene = "why"
    place = "after"
    cut = "full"
    title = Text("Why this word?", "chapter")
    shows = Text("the way back from the answer to the words", "alt")
    meaning = Text(
        "From the answer back: the term of its score that decides, what attention and the FFN have added to it, "
        "the head behind that, and the word this head has looked at.",
        "deck",
    )
    budget = 21.0

    def storyboard(self) -> None:
        """Two scores; the term that decides; then back, as far as there are sums."""
        self.trail = trail = Trail(self)
        duel = Duel(trail, list(self.trace.model.labels), self.pen)
        comparing = Compare(self, duel)
        with self.beat("terms", asked(self, trail), why=True):
            comparing.terms()
        if trail.first != trail.second:
            with self.beat("column", decided(trail), why=True):
                comparing.differ()
        if trail.additions:
            self.back(duel)
        self.leave()

    def back(self, duel: Duel) -> None:
        """The sums before the norms, the heads' shares, the words."""
        trail = self.trail
        going = GoBack(self, WayBack(trail, self.pen, duel.start.decimals))
        with self.beat("sums", added_by(trail), why=True):
            going.sums(duel.start, self.body())
        if trail.several:
            with self.beat("heads", shared_out(trail), why=True):
                going.heads()
        if trail.shares is not None:
            with self.beat("words", looked_by_head(self, trail), why=True):
                going.words(WordsSeen(trail, self.words, self.pen))
