"""The scene of a stage that has no storyboard of its own: its inputs, and its output row by row."""

from __future__ import annotations

from tensorreel.core.architecture import HIDDEN
from tensorreel.visuals.chapters.plain.passage import Passage, Passing
from tensorreel.visuals.stage.scene import StageScene


class Default(StageScene):
    """Any stage of any table, told in the words of its declaration."""

    budget = 7.0

    def storyboard(self) -> None:
        """What goes in, what it does, what comes out."""
        info = self.info
        assert info is not None
        inputs = [self.show(name) for name in info.inputs if name != "tokens"]
        output = self.show(info.name)
        names = {"T": self.words, "S": self.words, "V": self.trace.model.labels}
        titles = {t.name: self.called(t.name) for t in (*inputs, output)}
        passage = Passage(inputs, output, self.pen, titles=titles, names=names, focus=self.token)
        passing = Passing(self, passage)
        self.explain(output)
        with self.beat("stage", info.meaning, story=True):
            passing.enter()
            passing.row(run_time=1.6)
            passing.sweep(run_time=1.8)
        self.leave(passage.output)

    def called(self, name: str) -> str:
        """What a tensor is, as the table says it; a layer's input is what the stage before it gives."""
        source = self.architecture.source(name, self.options.layer) if name == HIDDEN else None
        return (source or self.architecture.named(name)).title.of(self.pen.lang)
