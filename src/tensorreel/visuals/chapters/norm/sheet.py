"""The work sheet of LayerNorm for one token: one line for each step, each number under the one it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import VGroup, VMobject

from tensorreel.core.printed import enough
from tensorreel.core.quantity import Count, Quantity, count, total
from tensorreel.visuals.chapters.norm.sheet_claims import sheet_claims
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import (
    Inked,
    Label,
    Numeral,
    Pen,
    Relation,
    Sign,
    printed_digits,
    shortened,
)
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.norm_row import NormRow, decimals_of
from tensorreel.words.text import Text

LARGEST, LINES, LABEL = 0.33, 10, 0.34
WINDOWED = 0.29  # digit size where columns are left out anyway
MORE = 0.75  # room for the count of columns that are not shown
MEAN, VARIANCE = Text("mean", "norm"), Text("variance", "norm")


class SheetLine(VGroup):
    """One line: its name at the left, then numbers in columns or a written calculation, and its frame."""

    def __init__(self, label: VMobject) -> None:
        super().__init__(label)
        self.label = label
        self.numerals: list[Numeral] = []
        self.pieces: list[Inked] = []
        self.frame = VGroup()

    @property
    def others(self) -> list[VMobject]:
        """Everything but the numbers in columns."""
        return [m for m in (self.label, *self.frame, *self.pieces) if m not in self.numerals]


class NormSheet(VGroup):
    """The steps of LayerNorm, line under line, reached by name: x, mean, deviations, squares, variance,
    sigma, normal, gamma, beta, out. Columns without digits are counted at the first line.
    """

    def __init__(self, norm: NormRow, pen: Pen, *, name: str, left: float, breadth: float) -> None:
        super().__init__()
        self.norm, self.pen, self.left = norm, pen, left
        self.rows = _columns(norm)
        labels = self._labels(name)
        self.margin = max(m.width for m in labels.values()) + 0.32
        room = breadth - self.margin - 0.15
        given = _decimals(norm)
        whole = self._fit(given, room)
        self.decimals = enough(given, sheet_claims(norm, self.rows), most=1)
        self.em, self.dx, self.cols = self._fit(self.decimals, room)
        if len(self.cols) < len(whole[2]):
            self.decimals, (self.em, self.dx, self.cols) = given, whole
        self.dy = CONTENT.height / LINES
        self.lines = {key: SheetLine(label) for key, label in labels.items()}
        for k, key in enumerate(self.lines):
            self._fill(key, CONTENT.top - (k + 0.5) * self.dy)
        self._work()
        self.add(*self.lines.values())

    @property
    def right_edge(self) -> float:
        """Where the picture beside the sheet may begin."""
        rest = MORE if len(self.cols) < len(self.norm.values) else 0.0
        calculations = (m.get_right()[0] for line in self.lines.values() for m in line.pieces)
        return max(self._x(len(self.cols)) - self.dx / 2 + 0.15 + rest, *calculations)

    # ---- sizes ----------------------------------------------------------------------------------
    def _fit(self, decimals: Mapping[str, int], breadth: float) -> tuple[float, float, list[int]]:
        """Digit size, column pitch, and the columns that show digits."""
        d = len(self.norm.values)
        texts = {printed_digits(q, decimals[k]) for k, row in self.rows.items() for q in row}

        def sized(em: float) -> tuple[float, float]:
            return em, max(self.pen.width(s, em) for s in texts) + 0.34 * em

        em, dx = largest_or_least(LARGEST, sized, lambda made: d * made[1] <= breadth)
        if d * dx <= breadth:
            return em, min(dx * 1.25, breadth / d), list(range(d))
        dx *= WINDOWED / theme.SIZE_NUMBER_MIN
        return WINDOWED, dx, list(range(max(1, min(d, int((breadth - MORE) / dx)))))

    def _labels(self, name: str) -> dict[str, VMobject]:
        """What each line is, from top to bottom."""
        pen, norm = self.pen, self.norm
        dim, learned = pen.theme.dim, pen.theme.role("param")
        formulas = {
            "deviations": ("x - mu", dim),
            "squares": ("(x - mu)^display(2)", dim),
            "sigma": ("sigma", pen.theme.accent),
            "normal": ("(x - mu) slash sigma", dim),
            "gamma": (f"times thin {_large_script(norm.gamma.symbol)}", learned),
            "beta": (f"+ thin {_large_script(norm.beta.symbol)}", learned),
            "out": (norm.out.symbol, pen.theme.ink),
        }
        made: dict[str, VMobject] = {k: Formula(s, pen, size=0.37, color=c) for k, (s, c) in formulas.items()}
        made["x"] = Label(shortened(name, pen, LABEL, 1.2), pen, size=LABEL)
        made["mean"] = self._word(MEAN.of(pen.lang), "mu")
        made["variance"] = Label(VARIANCE.of(pen.lang), pen, size=LABEL, color=dim)
        order = ("x", "mean", "deviations", "squares", "variance", "sigma", "normal", "gamma", "beta", "out")
        return {k: made[k] for k in order}

    def _word(self, word: str, symbol: str) -> VGroup:
        """A word with its symbol behind it."""
        label = Label(word, self.pen, size=LABEL, color=self.pen.theme.dim)
        sign = Formula(symbol, self.pen, size=0.37, color=self.pen.theme.dim)
        return VGroup(label, stand(sign, left=label.advance + 0.1))

    # ---- lines ----------------------------------------------------------------------------------
    def _x(self, place: float) -> float:
        """Middle of a column, by its place from the left."""
        return self.left + self.margin + 0.1 + (place + 0.5) * self.dx

    def _fill(self, key: str, y: float) -> None:
        line, base = self.lines[key], y - theme.DIGIT_EM * self.em / 2
        stand(line.label, right=self.left + self.margin - theme.NAME, up=y - 0.12)
        if key in self.rows:
            self._numbers(line, key, base)
            line.frame = self._frame(key).shift(shapes.at(0, y))
            line.add(line.frame)
        else:
            line.pieces = self._calculation(key)
            write(line.pieces, self._x(-0.5), base, 0.2 * self.em)
        line.add(*line.numerals, *line.pieces)

    def _numbers(self, line: SheetLine, key: str, base: float) -> None:
        decimals, row = self.decimals[key], self.rows[key]
        half = max(self.pen.width(printed_digits(row[j], decimals), self.em) for j in self.cols) / 2
        for place, j in enumerate(self.cols):
            numeral = Numeral(row[j], self.pen, decimals=decimals, size=self.em)
            line.numerals.append(numeral.sit(self._x(place) + half, base, "right"))

    def _frame(self, key: str) -> VGroup:
        """Brackets around data that comes in or goes out, a box around parameters."""
        look, n = self.pen.theme, len(self.cols)
        x0, width, height = self._x(-0.5), n * self.dx, self.dy - 0.1
        frame = VGroup()
        if key in ("gamma", "beta"):
            frame.add(shapes.outline(width, height, look.role("param"), radius=0.02))
        elif key in ("x", "out"):
            frame.add(*shapes.brackets(width, height, look.role("hidden")))
        frame.shift(shapes.at(x0 + width / 2, 0))
        if key == "x" and n < len(self.norm.values):
            more = more_label(self.pen, "d", len(self.norm.values), n)
            frame.add(more.move_to([x0 + width + MORE / 2, 0, 0]))
        return frame

    def _calculation(self, key: str) -> list[Inked]:
        """``2.59 ÷ 4 ≈ 0.65`` for the two means, ``√(0.055 + 1e−5) ≈ 0.234`` for σ."""
        norm, pen, em, dim = self.norm, self.pen, self.em, self.pen.theme.dim
        if key == "sigma":
            variance = Numeral(norm.variance, pen, decimals=self.decimals["variance"], size=em)
            small = Numeral(norm.eps, pen, decimals=self.decimals["eps"], size=em)
            left: list[Inked] = [
                Sign("√(", pen, size=em, color=dim),
                variance,
                Sign("+", pen, size=em, color=dim),
                small,
                Sign(")", pen, size=em, color=dim),
            ]
            return self._equal(left, "sigma", norm.sigma, pen.theme.accent)
        terms, made = (norm.values, norm.mean) if key == "mean" else (norm.squares, norm.variance)
        whole = Numeral(total(terms), pen, decimals=self.decimals[f"sum for {key}"], size=em, parens=True)
        size = count(len(terms), Count.SIZE, "d")
        number = Numeral(size, pen, decimals=0, size=em, color=pen.theme.dims["d"])
        return self._equal([whole, Sign("÷", pen, size=em, color=dim), number], key, made, pen.theme.ink)

    def _work(self) -> None:
        """What the numbers of each line are worked out from, for those that check."""
        lines, d = self.lines, len(self.norm.values)
        mean, sigma = (lines[key].pieces[-1].text for key in ("mean", "sigma"))
        for x, v, square, normal, gamma, beta, out in zip(
            *(
                lines[key].numerals
                for key in ("x", "deviations", "squares", "normal", "gamma", "beta", "out")
            ),
            strict=True,
        ):
            v.worked, square.worked = f"({x.text})−({mean})", f"({v.text})²"
            normal.worked = f"({v.text})/({sigma})"
            out.worked = f"({normal.text})×({gamma.text})+({beta.text})"
        for key, terms in (("mean", "x"), ("variance", "squares")):
            whole = lines[key].pieces[0]
            if isinstance(whole, Numeral) and len(self.cols) == d:
                whole.worked = "+".join(f"({n.text})" for n in lines[terms].numerals)

    def _equal(self, left: list[Inked], key: str, result: Quantity, color: str) -> list[Inked]:
        value = Numeral(
            result, self.pen, decimals=self.decimals[key], size=self.em * 1.1, color=color, bold=True
        )
        return [*left, Relation(left, value, self.pen, size=self.em), value]


def _large_script(symbol: str) -> str:
    """A symbol whose subscript stays legible."""
    base, _, script = symbol.partition("_")
    return f"{base}_display({script})" if script else base


def _columns(norm: NormRow) -> dict[str, Sequence[Quantity]]:
    return {
        "x": norm.values,
        "deviations": norm.deviations,
        "squares": norm.squares,
        "normal": norm.normal,
        "gamma": norm.gamma.row(0),
        "beta": norm.beta.row(0),
        "out": norm.result,
    }


def _decimals(norm: NormRow) -> dict[str, int]:
    return {
        "x": norm.x.decimals,
        "deviations": decimals_of(norm.deviations),
        "squares": decimals_of(norm.squares),
        "sum for mean": norm.x.decimals,
        "sum for variance": decimals_of(norm.squares),
        "mean": decimals_of([norm.mean]),
        "variance": decimals_of([norm.variance]),
        "eps": decimals_of([norm.variance]),
        "sigma": decimals_of([norm.sigma]),
        "normal": norm.out.decimals,
        "gamma": norm.gamma.decimals,
        "beta": norm.beta.decimals,
        "out": norm.out.decimals,
    }
