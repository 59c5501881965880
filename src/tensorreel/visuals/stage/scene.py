"""The stage scene: one line of the formula table as a film of beats.

A storyboard takes tensors through ``show``, places grids, and closes one beat after another. The scene owns
what stands on every frame (map, header, caption) and the clock of the beats; nouns own geometry and verbs
own time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from manim import (
    Animation,
    FadeIn,
    FadeOut,
    Mobject,
    Scene,
    VGroup,
    VMobject,
    Wait,
    config,
    rush_from,
    smooth,
)
from manim.animation.animation import prepare_animation
from manim.constants import RendererType
from manim.utils.rate_functions import squish_rate_func

from tensorreel.core.architecture import HIDDEN, Architecture
from tensorreel.core.claim import Claim
from tensorreel.core.engine import Trace, forward
from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.core.table import Stage
from tensorreel.core.variation import told_in
from tensorreel.models import tiny_model
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.lettering.captions import (
    SPOKEN,
    Named,
    Saying,
    Value,
    named_word,
    printed,
    reading_time,
)
from tensorreel.visuals.lettering.glyphs import Pen, shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.frame import HEADER_Y
from tensorreel.visuals.look.options import STORY, SceneOptions
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.shading import Legend
from tensorreel.visuals.motion.motions import FIRST_HALF, SECOND_HALF
from tensorreel.visuals.stage.furniture import Caption, Header, Tag
from tensorreel.visuals.stage.handover import HandOver, at_once
from tensorreel.visuals.stage.passing_over import PassedOver
from tensorreel.visuals.stage.stagemap import StageMap
from tensorreel.words.text import Text, message

LATER = squish_rate_func(smooth, 0.35, 1.0)  # what goes home over others, when they are faint
NOT_THERE = "tensorreel: error: {}: no stage of the built-in model (tensorreel render --model FILE draws it)"
CAIRO_ALONE = "tensorreel: error: --renderer opengl, expected cairo (outlines are drawn as cairo draws them)"


@dataclass(frozen=True)
class Beat:
    """One motion and its hold. Times are seconds from the start of the clip.

    ``loop``: where a lecturer steps through the clip, it goes round until the next step. ``why``: it asks
    what a part is good for, and a shorter film leaves it out.
    """

    name: str
    caption: Text
    start: float
    end: float
    loop: bool = False
    why: bool = False


class StageScene(Scene):
    """A scene of the film. Subclasses set ``stage`` (a stage's name) and write ``storyboard``.

    ``loops`` names the beats whose motion is worth seeing again and again: a slide of one goes round.
    """

    stage: ClassVar[str] = ""
    told_as: ClassVar[str] = ""  # the stage whose sentences it says, where that is another one
    place: ClassVar[str] = ""  # of one that draws no stage: "before" them, "after" them, …
    budget: ClassVar[float] = 20.0
    loops: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        renderer: Any = None,
        *,
        trace: Trace | None = None,
        options: SceneOptions | None = None,
        before: StageScene | None = None,
        onward: bool = False,
        speech: Sequence[float] = (),
        **kwargs: Any,
    ) -> None:
        """``before`` is a scene that has been played: its closing picture goes over into this one. ``onward`` leaves the
        closing picture standing for a scene behind this one. ``speech``: how many seconds the sentence of each beat that
        is shown takes to say, in their order."""
        if config.renderer is not RendererType.CAIRO:
            raise SystemExit(CAIRO_ALONE)  # in plain Manim any other exception is a page of traceback
        self.options = options or SceneOptions()
        self.trace = trace or _tiny_trace()
        if self.stage and self.architecture.get(self.stage) is None:
            raise SystemExit(NOT_THERE.format(type(self).__name__))
        self.theme = theme.THEMES[self.options.theme]
        self.pen = Pen(self.theme, self.options.font, self.options.lang, self.trace.labels)
        self.beats: list[Beat] = []
        self.taken: list[DisplayTensor] = []
        self.on_beat: list[Callable[[Beat], None]] = []
        self.observers: list[Callable[[StageScene, str, list[Mobject]], None]] = []
        self.beat_name = "opening"
        self.caption: Caption | None = None
        self.legend: Legend | None = None
        self.explained: DisplayTensor | None = None  # the matrix whose legend comes with the next caption
        self.landed: float | None = None  # when the beat's last result was there
        self.asked = False  # whether the beat leaves a question open
        self.read_by = 0.0  # when the beat's caption has been read
        self._turns: list[Animation] = []  # of a caption that comes with the next motion
        self._hurried = False  # a quick motion is to come, for which nobody looks away from the caption
        self._passed_over: PassedOver | None = None  # while nothing is shown
        self.outputs: tuple[VMobject, ...] = ()  # what is left standing for the scene behind this one
        self._before, self._onward, self._speech = before, onward, speech
        self._hand_over: HandOver | None = None
        super().__init__(renderer, **kwargs)

    # ---- what a storyboard uses ----------------------------------------------------------------
    def storyboard(self) -> None:
        """The beats of this stage."""
        raise NotImplementedError

    def show(self, name: str, *, head: int | None = None, layer: int | None = None) -> DisplayTensor:
        """Take a tensor from the trace: the only door for numbers. Per-head tensors need a head (default: chosen)."""
        layer = self.options.layer if layer is None else layer
        whole = self.trace.at(layer=layer)[name]
        tensor = whole
        if "h" in whole.dims[:1]:
            tensor = self.trace.at(layer=layer, head=self.head if head is None else head)[name]
        taken = DisplayTensor(tensor, whole)
        self.taken.append(taken)
        return taken

    @property
    def head(self) -> int:
        """The head shown slowly, 0-based."""
        return min(self.options.head, self.trace.model.config.n_heads - 1)

    @property
    def token(self) -> int:
        """The row shown slowly, 0-based: the chosen token, or the stage's own choice."""
        last = len(self.trace.words) - 1
        return min(self.default_token if self.options.token is None else self.options.token, last)

    @property
    def default_token(self) -> int:
        """The row a stage shows slowly when the viewer chose none."""
        return 0

    @property
    def words(self) -> list[str]:
        """The words of the sentence, the names of the rows."""
        return list(self.trace.labels)

    def spoken(self, i: int) -> Named:
        """A word of the sentence as captions say it: in quotes, shortened if long, with its place if it stands twice."""
        twice = self.trace.tokens.count(self.trace.tokens[i]) > 1
        return named_word(
            shortened(self.words[i], self.pen, theme.SIZE_CAPTION, SPOKEN), i + 1 if twice else None
        )

    def count(self, letter: str) -> Quantity:
        """A size of the model by its letter: T, d, h, k, f, V, L."""
        sizes = self.trace.model.config.sizes(len(self.words))
        return count(sizes[letter], Count.SIZE, letter)

    @contextmanager
    def beat(
        self,
        name: str,
        text: str | Text | Saying,
        *,
        lit: Sequence[str] | None = None,
        facts: Sequence[Claim] = (),
        why: bool = False,
        story: bool | str = False,
        **values: Value,
    ) -> Iterator[None]:
        """One idea: its caption appears, the symbols in ``lit`` light up, the body moves, then it holds.

        ``lit`` are names of tensors: by default the stage's own result; ``inputs``, ``given``, ``learned`` and
        ``factors`` name what it is made of.
        ``{name}`` in the text, which is English, is replaced by the printed digits of a value; it is translated
        as this beat's (``stage.beat``) unless it has a context of its own. A saying brings its values and its facts
        along: what is stated about numbers, declared so that the audit can see for itself. The hold lasts until the
        caption has been read and, where there is a voice, spoken, and after a result (``land``) at least
        ``HOLD_RESULT``.

        ``why`` marks a beat that gives a reason, ``story`` the one that tells what the scene is for. A cut without it
        passes over the beat: what it leaves behind is there at once. The story may have a shorter sentence of its own.
        """
        if not self.options.shows(why=why, story=bool(story)):
            self._passed_over = self._passed_over or PassedOver(self._standing())
            yield
            return
        self.beat_name, self.landed, self.asked = name, None, False
        self.next_section(name)  # for ``manim --save_sections``
        start = self.time
        if isinstance(story, str) and self.options.cut == STORY:
            text, facts = story, ()
            values = {k: v for k, v in values.items() if f"{{{k}}}" in story}
        saying = text if isinstance(text, Saying) else Saying(message(text, self.context(name)))
        claims, words = printed({**saying.values, **values})
        said = saying.text.filled(**words)
        caption = Caption(said.of(self.options.lang), self.pen, claims, (*saying.facts, *facts), said.english)
        self._turn_caption(caption, (self.stage,) if lit is None else lit)
        turning = theme.QUICK / self.speed if self._turns else 0.0
        self.read_by = self.time + self._reading(said) + turning
        self._hurried = self.options.cut == STORY
        yield
        until = max(self.read_by, self._said_by(start))
        self.wait(max(until - self.time, self._least_hold()), frozen_frame=True)
        beat = Beat(name, said, start, self.time, name in self.loops, why)
        self.beats.append(beat)
        self.notice("beat", [])
        for listener in self.on_beat:
            listener(beat)

    @property
    def speed(self) -> float:
        """How much faster than usual all motion is; what is read has the time of the film's pace."""
        return self.options.pace * (theme.STORY_SPEED if self.options.cut == STORY else 1.0)

    def _reading(self, said: Text) -> float:
        """Seconds that a caption takes to read, at the film's pace."""
        return reading_time(said.of(self.options.lang), self.options.lang) / self.options.pace

    def _least_hold(self) -> float:
        """Seconds for which a beat holds at least, at the film's pace."""
        least = theme.HOLD_MIN if self.landed is None else theme.HOLD_RESULT
        return (theme.HOLD_GUESS if self.asked else least) / self.options.pace

    def _said_by(self, start: float) -> float:
        """When the sentence of a beat that began at ``start`` has been spoken, and a breath taken; the pace is the
        voice's.
        """
        at = len(self.beats)
        return start + self._speech[at] + theme.BREATH if at < len(self._speech) else start

    def land(self) -> None:
        """A result of the beat is there: a number or a shape that is new. Verbs tell by their steps."""
        self.landed = self.time

    def ask(self) -> None:
        """The beat leaves a question open: it holds long enough for a guess."""
        self.asked = True

    @property
    def passes_over(self) -> bool:
        """Whether what is played now is not shown, since its beat is not in the cut."""
        return self._passed_over is not None

    def until_read(self, before: float = theme.HOLD_ENTRANCE) -> None:
        """Stand still until the caption has been read, but for the ``before`` seconds that what comes now takes to come.

        So the caption is read before a result is there, and not after a mere entrance.
        """
        if (rest := self.read_by - self.time - before / self.speed) > 0:
            self.wait(rest, frozen_frame=True)

    @classmethod
    def context(cls, beat: str) -> str:
        """Where the translations of a beat's caption are found: ``attn_scores.cell``; beats that are counted share it."""
        return f"{cls.told_as or cls.stage or cls.__name__.lower()}.{beat.split()[0]}"

    def play(self, *args: Any, run_time: float | None = None, **kwargs: Any) -> None:
        """Manim's play, at the film's pace, watched by lint and audit."""
        motions = [prepare_animation(a) for a in args]
        if self._passed_over is not None:
            self._passed_over.do(self, motions)
            return
        if self._hand_over is not None and args:
            motions = self._hand_over.with_motions(motions, run_time or theme.SHORT)
            if not motions:
                return
        run_time = theme.SHORT if run_time is None else run_time
        still = any(isinstance(m, Wait) for m in motions)
        if self._hurried and not still and not self._bare(self.caption):
            self._hurried = False
            self.until_read(theme.STORY_MOTION * self.speed)
        if self._turns and still:
            self.play(run_time=theme.QUICK)
        elif self._turns:
            motions += self._turns_within(run_time)
        moving = [] if still else [m.mobject for m in motions if m.mobject is not None]
        self.notice("before", moving)
        if not still:
            kwargs["run_time"] = run_time / self.speed
        super().play(*motions, **kwargs)
        self.notice("after", moving)

    def _turns_within(self, run_time: float) -> list[Animation]:
        """The turns of a caption that come with a motion: as quick as ever, or as quick as the motion."""
        turns, self._turns = self._turns, []
        for turn in turns:
            turn.set_rate_func(squish_rate_func(turn.rate_func, 0.0, min(1.0, theme.QUICK / run_time)))
        return turns

    def enter(
        self, *groups: VMobject, from_station: str | None = None, run_time: float = theme.MEDIUM
    ) -> None:
        """Tensors come out of their stations on the map to their places."""
        self.play(*(self._travel(FadeIn, g, from_station) for g in groups), run_time=run_time)

    def leave(self, *outputs: VMobject, run_time: float = theme.MEDIUM) -> None:
        """The output goes back into the map; everything else on the stage fades. With a scene behind this one, all
        stays.
        """
        outputs = self._seen_again(outputs)
        if self._onward:
            self.outputs = outputs
            return
        others = _beyond(self.mobjects, (self.map, self.header, self.tag, *outputs))
        station = self.map.station(self.info.number) if self.info else (0.0, 4.0, 0.0)
        home = [FadeOut(g, target_position=station, scale=0.05, rate_func=LATER) for g in outputs]
        self.play(*(FadeOut(m, rate_func=FIRST_HALF) for m in others), *home, run_time=run_time)
        self.caption = None

    def _standing(self) -> list[Mobject]:
        """All but header and caption, which turn by themselves."""
        return _beyond(self.mobjects, (self.header, self.caption, self.legend))

    def _seen_again(self, outputs: tuple[VMobject, ...]) -> tuple[VMobject, ...]:
        """Stand as it was last seen, if beats were passed over since; those of the outputs that have been seen."""
        passed, self._passed_over = self._passed_over, None
        if passed is None:
            return outputs
        if all(map(passed.unchanged, standing := self._standing())):
            return outputs
        self.remove(*standing)
        self.add(*passed.copies())
        return tuple(passed.copies(m for m in outputs if passed.unchanged(m)))

    def resume(self, said: Text) -> None:
        """Begin within a film that goes on: the header is lit, a caption stands, and nothing else."""
        self.remove(*self.mobjects)
        self.add(self.map, self.header, *self.tag)
        self.caption = Caption(said.of(self.options.lang), self.pen, english=said.english)
        self.add(self.caption)
        if isinstance(self.header, Header):
            self.header.lit([self.stage])

    def stood(self, name: str) -> None:
        """The picture stood, without a beat of its own: whoever looks at beats looks at it under this name."""
        self.beat_name = name
        self.notice("beat", [])

    def on_stage(self) -> list[Mobject]:
        """All that stands on the stage: everything but the map, the header and the caption."""
        return _beyond(self.mobjects, (self.map, self.header, self.tag, self.caption))

    def body(self) -> list[Mobject]:
        """The stage's own picture: the same without what belongs to the header."""
        return _beyond(self.on_stage(), (getattr(self.header, "under", None), self.legend))

    def _bare(self, caption: Caption | None) -> bool:
        """Whether nothing stands between header and caption, the one before."""
        return not _beyond(self.body(), (caption,))

    def explain(self, tensor: DisplayTensor) -> None:
        """The legend of a matrix's shades comes up with the next caption and stays."""
        self.explained = tensor

    # ---- what the table says that this stage is made of ------------------------------------------
    @property
    def inputs(self) -> tuple[str, ...]:
        """What the stage is made of, by the names of the tensors; nothing in the opening and the recap."""
        return self.info.inputs if self.info else ()

    @property
    def given(self) -> tuple[str, ...]:
        """The inputs that stages before it have made."""
        return tuple(name for name in self.inputs if name not in self.architecture.parameters)

    @property
    def learned(self) -> tuple[str, ...]:
        """The inputs that are parameters."""
        return tuple(name for name in self.inputs if name in self.architecture.parameters)

    @property
    def factors(self) -> tuple[str, ...]:
        """The inputs of its product: those that share the axis that is summed over."""
        return self.info.factors if self.info else ()

    # ---- the frame around every storyboard ------------------------------------------------------
    @property
    def info(self) -> Stage | None:
        """This scene's line of the formula table; the opening and the recap have none."""
        return self.architecture.find(self.stage) if self.stage else None

    @property
    def architecture(self) -> Architecture:
        """The table that the model runs."""
        return self.trace.model.architecture

    def setup(self) -> None:
        """Background and furniture."""
        super().setup()
        clear = self.theme.clear or config.transparent
        self.camera.background_color = "#000000" if clear else self.theme.background
        self.camera.background_opacity = 0.0 if clear else 1.0
        info = self.info
        layers, number = self.trace.model.config.n_layers, info.number if info else None
        self.map = StageMap(self.pen, self.architecture, layers, number, self.options.layer)
        self.header: VGroup = (
            Header(info, len(self.architecture.stages), self.pen, self._symbols(info)) if info else VGroup()
        )
        self.tag = self._tagged()
        if self._before is None:
            self.add(self.map, self.header, *self.tag)
        else:
            self._hand_over = HandOver(self, self._before)
            self.caption = self._before.caption

    def _tagged(self) -> VGroup:
        """What was changed about the model, where it can be felt here; nothing elsewhere."""
        model = self.trace.model
        said = told_in(model, self.stage, self.options.layer)
        if said is None:
            return VGroup()
        left = self.map.x(self.map.last) + 0.15
        return VGroup(Tag(said, model.variations[0], self.pen, left))

    def construct(self) -> None:
        """Play the storyboard."""
        self.storyboard()

    def _symbols(self, info: Stage) -> dict[str, str]:
        names = [*info.inputs, info.name]
        symbols = {}
        for name in names:
            try:
                symbols[name] = self.trace.at(layer=0, head=0)[name].symbol
            except KeyError:
                continue
        symbols |= {s.name: s.symbol for s in self.architecture.stages if s.name in symbols}
        return symbols | ({HIDDEN: "bold(H)"} if HIDDEN in symbols else {})

    def _travel(self, kind: type[Animation], group: VMobject, station: str | None) -> Animation:
        name = str(station or getattr(getattr(group, "tensor", None), "name", ""))
        number = self._home(name)
        return kind(group, target_position=self.map.station(number), scale=0.05, rate_func=rush_from)

    def _home(self, name: str) -> int:
        """The station that a tensor comes from; a parameter comes from the stage that uses it."""
        stage = self.architecture.source(name, self.options.layer)
        if stage is None or name in self.architecture.intermediates:
            stage = self.info or self.architecture.stages[0]
        return stage.number

    def _turn_caption(self, caption: Caption, lit: Sequence[str]) -> None:
        old, self.caption = self.caption, caption
        turns: list[Animation] = [FadeIn(caption, rate_func=SECOND_HALF if old else smooth)]
        if old is not None:
            turns.append(FadeOut(old, rate_func=FIRST_HALF))
        lights, hand = self._lights(lit), self._hand_over
        passed, self._passed_over = self._passed_over, None
        fades = passed.caught_up(self._standing()) if passed else []
        if fades:
            order = list(self.mobjects)
            self.play(*turns, *lights, *fades)
            self.mobjects.sort(key=lambda m: order.index(m) if m in order else len(order))
            return
        if hand is not None and not hand.begun:
            hand.coming, self._turns = at_once(lights), turns
            return
        if hand is not None:
            turns += hand.end()
            self._hand_over = None
        self._turns = [*turns, *lights]
        if not self._bare(old):  # an empty stage does not wait for its caption
            self.play(run_time=theme.QUICK)

    def _lights(self, lit: Sequence[str]) -> list[Animation]:
        """Motions of the header: symbols light up, and a legend comes."""
        lights: list[Animation] = []
        if isinstance(self.header, Header):
            before = self.header.under
            lights += self.header.light(lit)
            self.remove(before)
        return lights + (self._legend_of(self.explained) if self.explained is not None else [])

    def _legend_of(self, tensor: DisplayTensor) -> list[Animation]:
        """A legend of the matrix's shades between title and formula, instead of the one before."""
        old, self.legend, self.explained = self.legend, None, None
        turns: list[Animation] = [FadeOut(old)] if old is not None else []
        if not isinstance(self.header, Header):
            return turns
        legend = Legend(tensor, self.pen)
        left, right = self.header.gap
        if legend.width <= right - left:
            self.legend = stand(legend, right=right, up=HEADER_Y)
            turns.append(FadeIn(legend))
        return turns

    def notice(self, moment: str, moving: list[Mobject]) -> None:
        """Tell the observers of a motion, before and after it; of a beat's end; of what a scene before has left."""
        for observer in self.observers:
            observer(self, moment, moving)


def _beyond(things: Sequence[Mobject], groups: Sequence[VMobject | None]) -> list[Mobject]:
    """The things of which something is drawn that belongs to none of some groups; motions may have taken groups apart."""
    members = {id(m) for group in groups if group is not None for m in group.get_family()}
    return [t for t in things if any(id(m) not in members for m in t.get_family() if len(m.points))]


def _tiny_trace() -> Trace:
    model = tiny_model()
    return forward(model, model.tokens)
