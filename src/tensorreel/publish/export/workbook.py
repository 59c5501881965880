"""A workbook that computes: a sheet for each stage with live formulas over the sheets before, laid out as in the film.

All that is learned stands on the sheet ``model``; whoever changes a number there sees every stage follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.errors import EnvironmentProblem, UsageProblem
from tensorreel.core.functional import Array
from tensorreel.core.table import Stage
from tensorreel.film.run.contents import FILM_TITLE
from tensorreel.publish.export.formulas import LAYOUTS, MASKED, Computed, Layout, computes
from tensorreel.publish.plain import plain, sentence
from tensorreel.publish.provenance import MARK
from tensorreel.visuals.look.theme import LIGHT, role_of

MOST = {"T": 8, "d": 8, "h": 4, "f": 12, "V": 12}  # the sizes at which every number can be looked at
MODEL = "model"  # the sheet of what is learned
_FONT = "Calibri"
_A4 = 9  # as Excel counts sizes of paper
_FIRST = 4  # the row below a sheet's heading
Cell = tuple[str, Any]  # where a number comes from, and what it is


def refuse_large(trace: Trace, kind: str) -> None:
    """``UsageProblem`` for a model that is too large for a sheet on which every number can be seen."""
    for letter, most in MOST.items():
        if trace.sizes[letter] > most:
            raise UsageProblem(f"--to {kind}: {letter} = {trace.sizes[letter]}, expected at most {most}")


def refuse_unknown(trace: Trace) -> None:
    """``UsageProblem`` that names the first stage for which there are no formulas."""
    table = trace.model.architecture
    for stage in table.stages:
        like = LAYOUTS[stage.fn].like if stage.fn in LAYOUTS else ""
        repeated = table.get(like) if like else None
        if not all(map(computes, (*table.on_the_way(stage), stage))) or bool(like) != bool(repeated):
            raise UsageProblem(
                f"--to xlsx: {stage.cli_name}: no formulas for {stage.formula_plain}, "
                "expected a stage that a workbook computes, as it does the article's"
            )


@dataclass(frozen=True)
class Place:
    """Where a matrix stands: its sheet, the row and column of its first cell (from 0), and its values, (rows, columns)."""

    sheet: str
    row: int
    col: int
    values: Array

    def cell(self, i: int, j: int, far: bool = False) -> str:
        """``$B$5`` of an entry, with its sheet if it is seen from another one."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        name: str = xl_rowcol_to_cell(self.row + i, self.col + j, row_abs=True, col_abs=True)
        return f"'{self.sheet}'!{name}" if far else name

    def range(self, first: int = 0, last: int | None = None, far: bool = False) -> str:
        """``$B$5:$D$9`` of some of its rows."""
        from xlsxwriter.utility import xl_range_abs

        rows, cols = self.values.shape
        end = rows - 1 if last is None else last
        name: str = xl_range_abs(self.row + first, self.col, self.row + end, self.col + cols - 1)
        return f"'{self.sheet}'!{name}" if far else name


Homes = dict[tuple[str, int | None, int | None], Place]  # by name, layer and head


class Styles:
    """Formats of cells, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[tuple[Any, ...], Any]()

    def of(self, **facts: Any) -> Any:
        """One format."""
        key = tuple(sorted(facts.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": _FONT, **facts})
        return self._made[key]

    def number(self, colour: str, decimals: int, *, result: bool = False, given: bool = False) -> Any:
        """A number with the film's digits in its tensor's colour; a result has a frame, what can be changed a ground."""
        form = f"0.{'0' * decimals}" if decimals else "0"
        frame = {"border": 1, "border_color": LIGHT.faint} if result or given else {}
        ground = {"bg_color": LIGHT.panel} if given else {}
        return self.of(num_format=form, font_color=colour, align="right", **frame, **ground)


def write_workbook(trace: Trace, target: Path, lang: str) -> Homes:
    """Write the workbook of a forward pass to ``target``; returns where each matrix stands.

    ``UsageProblem`` where it is too large, or has a stage that a spreadsheet does not know.
    """
    refuse_large(trace, "xlsx")
    refuse_unknown(trace)
    try:
        import xlsxwriter
    except ImportError as err:
        raise EnvironmentProblem(
            "--to xlsx: xlsxwriter is not installed, expected it (pip install 'tensorreel[xlsx]')"
        ) from err
    book = xlsxwriter.Workbook(str(target), {"in_memory": True})
    book.set_properties({"title": FILM_TITLE.of(lang), "author": MARK})
    writer = _Writer(trace, book, lang)
    writer.model()
    writer.stages()
    book.close()
    return writer.homes


class _Writer:
    """A workbook in the making; ``homes`` says where each matrix was computed, or can be edited."""

    def __init__(self, trace: Trace, book: Any, lang: str) -> None:
        self.trace, self.book, self.lang = trace, book, lang
        self.styles = Styles(book)
        self.homes: Homes = {}
        self.facts: dict[str, str] = {}

    # ---- the model ---------------------------------------------------------------------------------
    def model(self) -> None:
        """Everything that is learned, and the sentence: numbers, not formulas."""
        sheet = self._sheet(MODEL, FILM_TITLE.of(self.lang), sentence(self.trace), "")
        row = self._fact(sheet, _FIRST, "d_k", "d_k", self.trace.sizes["k"])
        row = self._fact(sheet, row, "eps", "ε", self.trace.model.config.eps)
        ids = np.array([self.trace.tokens], dtype=np.float64).T
        self.homes["tokens", None, None] = Place(MODEL, row + 1, 1, ids)
        self._given(sheet, row, "t", self.homes["tokens", None, None], LIGHT.ink, 0, self.trace.labels)
        row += len(ids) + 2
        for tensor in self.trace.results.values():
            for head, matrix in _matrices(tensor) if tensor.learned else ():
                place = Place(MODEL, row + 1, 1, matrix)
                self.homes[tensor.name, tensor.layer, head] = place
                colour = LIGHT.role(role_of(tensor.name, learned=True))
                names = self.trace.model.labels if tensor.dims[0] == "V" else ()
                title = _titled(tensor.symbol_plain, tensor.layer, head)
                self._given(sheet, row, title, place, colour, tensor.decimals, names)
                row += len(matrix) + 2

    def _fact(self, sheet: Any, row: int, name: str, symbol: str, value: float) -> int:
        sheet.write_string(row, 0, symbol, self.styles.of(bold=True))
        sheet.write_number(row, 1, value, self.styles.of(bg_color=LIGHT.panel))
        self.facts[name] = Place(MODEL, row, 1, np.zeros((1, 1))).cell(0, 0, far=True)
        return row + 1

    def _given(
        self, sheet: Any, row: int, title: str, place: Place, colour: str, decimals: int, names: Sequence[str]
    ) -> None:
        sheet.write_string(row, 0, title, self.styles.of(bold=True, font_color=colour))
        for i, name in enumerate(names):
            sheet.write_string(place.row + i, 0, plain(name), self.styles.of(font_color=LIGHT.dim))
        style = self.styles.number(colour, decimals, given=True)
        for (i, j), value in np.ndenumerate(place.values):
            sheet.write_number(place.row + i, place.col + j, float(value), style)

    # ---- stages ------------------------------------------------------------------------------------
    def stages(self) -> None:
        """A sheet for each stage, with a group for each layer and head, written in the order in which they are
        computed.
        """
        table = self.trace.model.architecture
        sheets = {stage.name: self._stage_sheet(stage) for stage in table.stages}
        rows = dict.fromkeys(sheets, _FIRST)
        for stage, layer in table.run_order(self.trace.model.config.n_layers):
            rows[stage.name] = self._groups(stage, sheets[stage.name], layer, rows[stage.name])

    def _groups(self, stage: Stage, sheet: Any, layer: int | None, row: int) -> int:
        """A stage in one layer, from a row of its sheet on; returns the row behind it."""
        heads = range(self.trace.model.config.n_heads) if "h" in stage.out_dims else (None,)
        for head in heads:
            row = _Group(self, sheet, LAYOUTS[stage.fn], layer, head).write(row) + 2
        return row

    def _stage_sheet(self, stage: Stage) -> Any:
        name = f"{stage.number:02} {stage.cli_name}"[:31]
        title = f"{stage.number}. {stage.title.of(self.lang)}"
        return self._sheet(name, title, stage.formula_plain, stage.meaning.of(self.lang))

    def _sheet(self, name: str, title: str, formula: str, meaning: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 80, 8)
        sheet.write_string(0, 0, title, self.styles.of(bold=True, font_size=16))
        sheet.write_string(1, 0, formula, self.styles.of(font_size=12, font_color=LIGHT.accent))
        sheet.write_string(2, 0, meaning, self.styles.of(font_color=LIGHT.dim))
        return sheet

    def tensor(self, name: str, layer: int | None) -> Tensor | None:
        """A tensor of the trace by its name, in a layer or wherever it is; None for what the trace has not."""
        return self.trace.results.get((name, layer)) or self.trace.results.get((name, None))

    def origin(self, name: str, layer: int | None) -> tuple[str, int | None]:
        """Where a matrix was computed: its name there, and its layer."""
        model = self.trace.model
        return model.architecture.origin(name, layer, model.config.n_layers)

    def cells(self, name: str, layer: int | None, head: int | None) -> list[list[Cell]]:
        """A matrix as references to where it was computed, with the values; all heads side by side if none is chosen."""
        base, turned = name.removesuffix(".T"), name.endswith(".T")
        there, at = self.origin(base, layer)
        places = [
            place
            for (name, layer, part), place in self.homes.items()
            if (name, layer) == (there, at) and (part is None or head in (part, None))
        ]
        rows = [
            [(p.cell(i, j, far=True), p.values[i, j]) for p in places for j in range(p.values.shape[1])]
            for i in range(len(places[0].values))
        ]
        return [list(column) for column in zip(*rows, strict=True)] if turned else rows


def _matrices(tensor: Tensor) -> Iterator[tuple[int | None, Array]]:
    """A tensor as matrices: one for each head, or one; a vector is a row."""
    if "h" in tensor.dims:
        yield from enumerate(tensor.values)
    else:
        yield None, tensor.values.reshape(-1, tensor.shape[-1])


def _titled(symbol: str, layer: int | None, head: int | None) -> str:
    """``W_Q  l = 1, h = 2``, counted from 1 as in the film."""
    place = [f"{letter} = {i + 1}" for letter, i in (("l", layer), ("h", head)) if i is not None]
    return "  ".join(filter(None, (symbol, ", ".join(place))))


class _Group:
    """A stage in one layer and head, on its sheet; answers formulas where things are (``formulas.Sheet``)."""

    def __init__(
        self, writer: _Writer, sheet: Any, layout: Layout, layer: int | None, head: int | None
    ) -> None:
        self.writer, self.sheet, self.name = writer, sheet, sheet.get_name()
        self.layout, self.layer, self.head = layout, layer, head
        self.here: dict[str, Place] = {}

    # ---- what formulas ask -------------------------------------------------------------------------
    def cell(self, name: str, i: int = 0, j: int = 0) -> str:
        """One number of a matrix of this group."""
        return self.here[name].cell(i, j)

    def row(self, name: str, i: int) -> str:
        """A row of a matrix of this group."""
        return self.here[name].range(i, i)

    def all(self, name: str) -> str:
        """A whole matrix of this group."""
        return self.here[name].range()

    def home(self, name: str) -> str:
        """A whole learned matrix, on the sheet of the model."""
        return self.writer.homes[name, None, None].range(far=True)

    def fact(self, name: str) -> str:
        """A number of the model."""
        return self.writer.facts[name]

    def masked(self, i: int, j: int) -> bool:
        """Whether token i may not look at token j."""
        return self.writer.trace.model.config.causal and j > i

    # ---- writing -----------------------------------------------------------------------------------
    def write(self, row: int) -> int:
        """Write the group from a row on; returns the row behind it."""
        layout = self.layout
        if title := _titled("", self.layer, self.head):
            self.sheet.write_string(row, 0, title, self.writer.styles.of(bold=True))
        tops = {name: self._operand(name) for name in layout.top}
        body = row + 1 + sum(len(cells) + 1 for cells in tops.values())
        columns = self._columns()
        over = columns[layout.above or layout.computed[0].name]
        above = row + 1
        for name, cells in tops.items():
            self._refer(name, cells, above, over)
            above += len(cells) + 1
        for name in layout.left:
            self._refer(name, self._operand(name), body, columns[name])
        for made in layout.computed:
            self._compute(made, body, columns[made.name])
        self._words(body + 1)
        return body + 1 + len(self.writer.trace.tokens)

    def _operand(self, name: str) -> list[list[Cell]]:
        """What a matrix is made of; of the positions only those of the sentence."""
        cells = self.writer.cells(name, self.layer, self.head)
        return cells[: len(self.writer.trace.tokens)] if name == "P" else cells

    def _columns(self) -> dict[str, int]:
        """The first column of everything that stands side by side, with one between."""
        found, col = {}, 1
        for name in self.layout.left:
            found[name] = col
            col += len(self._operand(name)[0]) + 1
        for made in self.layout.computed:
            found[made.name] = col
            col += self._values(made).shape[1] + 1
        return found

    def _values(self, made: Computed) -> Array:
        """What a computed matrix holds, as the engine says; what is between has zeros, and the width of the result."""
        rows = len(self.writer.trace.tokens)
        tensor = self.writer.tensor(made.name, self.layer)
        if tensor is not None:
            return tensor.values if self.head is None else tensor.values[self.head]
        return np.zeros((rows, 1 if made.narrow else self._values(self.layout.computed[-1]).shape[1]))

    def _look(self, name: str) -> tuple[str, str, int]:
        """Symbol, colour and decimals of a matrix."""
        base = name.removesuffix(".T")
        there, at = self.writer.origin(base, self.layer)
        tensor = self.writer.tensor(base, self.layer) or self.writer.tensor(there, at)
        if tensor is None:
            return ("t", LIGHT.ink, 0) if base == "tokens" else ("", LIGHT.dim, 4)
        symbol = tensor.symbol_plain + ("ᵀ" if name != base else "")
        return symbol, LIGHT.role(role_of(tensor.name, learned=tensor.learned)), tensor.decimals

    def _refer(self, name: str, cells: Sequence[Sequence[Cell]], row: int, col: int) -> None:
        """An operand: its symbol, and below it references to where it was computed."""
        symbol, colour, decimals = self._look(name)
        self.sheet.write_string(row, col, symbol, self.writer.styles.of(bold=True, font_color=colour))
        style = self.writer.styles.number(colour, decimals)
        values = np.array([[value for _, value in line] for line in cells], dtype=np.float64)
        self.here[name] = Place(self.name, row + 1, col, values)
        for i, line in enumerate(cells):
            for j, (reference, value) in enumerate(line):
                self.sheet.write_formula(row + 1 + i, col + j, f"={reference}", style, _shown(value))

    def _compute(self, made: Computed, row: int, col: int) -> None:
        """A matrix that is computed here; those of the trace are found by the stages behind."""
        tensor = self.writer.tensor(made.name, self.layer)
        symbol, colour, decimals = self._look(made.name)
        title = self.writer.styles.of(bold=True, font_color=colour)
        self.sheet.write_string(row, col, symbol or made.label, title)
        values = self._values(made)
        place = Place(self.name, row + 1, col, values)
        self.here[made.name] = place
        style = self.writer.styles.number(colour, decimals, result=tensor is not None)
        if tensor is not None:
            self.writer.homes[made.name, tensor.layer, self.head] = place
        if made.whole is not None:
            self._whole(made.whole(self), place, style)
            return
        assert made.each is not None
        for (i, j), value in np.ndenumerate(values):
            known = _shown(value) if tensor is not None else ""
            self.sheet.write_formula(place.row + i, place.col + j, f"={made.each(self, i, j)}", style, known)

    def _whole(self, formula: str, place: Place, style: Any) -> None:
        """One formula for a whole matrix; its numbers are written as what is known of them."""
        rows, cols = place.values.shape
        ends = place.row, place.col, place.row + rows - 1, place.col + cols - 1
        self.sheet.write_array_formula(*ends, f"{{={formula}}}", style, _shown(place.values[0, 0]))
        for (i, j), value in np.ndenumerate(place.values):
            if (i, j) != (0, 0):
                self.sheet.write_number(place.row + i, place.col + j, float(value), style)

    def _words(self, row: int) -> None:
        """The words beside the rows."""
        style = self.writer.styles.of(font_color=LIGHT.dim)
        for i, word in enumerate(self.writer.trace.labels):
            self.sheet.write_string(row + i, 0, plain(word), style)


def _shown(value: float) -> float | str:
    """A number as a cell holds it; no spreadsheet has −∞."""
    return MASKED if value == -np.inf else float(value)
