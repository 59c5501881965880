"""What PowerPoint is told of a stage in texts and cells of its own: what it does, its formula, its shapes."""

from __future__ import annotations

from typing import Any

from pptx.dml.color import MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from tensorreel.publish.deck import pptx_template as template
from tensorreel.publish.deck.lecture import HEADINGS, SIZE_HEADINGS, TENSOR_HEADINGS, LecturePart
from tensorreel.publish.plain import scripts
from tensorreel.visuals.look.theme import role_of
from tensorreel.words.languages import language

_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's "No Style, No Grid"
_LINE = Inches(0.45)
Box = tuple[int, int, int, int]  # left, top, width, height


def write_run(
    lang: str,
    paragraph: Any,
    text: str,
    points: float,
    *,
    bold: bool = False,
    face: str | None = None,
    formula: bool = False,
    colour: Any = None,
) -> None:
    """Add a text; in a formula, or a mathematical face, raised and lowered letters are set as such."""
    for piece, level in scripts(text) if formula or face else [(text, 0)]:
        run = paragraph.add_run()
        run.text = piece
        run.font.size, run.font.bold, run.font.name = Pt(points), bold, face
        run.font.color.theme_color = colour or MSO_THEME_COLOR.TEXT_1
        look = run._r.get_or_add_rPr()
        look.set("lang", language(lang).regional)
        if level:
            look.set("baseline", "30000" if level > 0 else "-25000")


class Facts:
    """The facts about a part, in a language, on a page of its own or beside its clip."""

    def __init__(self, page: Any, part: LecturePart, lang: str) -> None:
        self.page, self.part, self.lang = page, part, lang

    def alone(self) -> None:
        """On a page that introduces the stage."""
        left, room = template.MARGIN, template.WIDTH - 2 * template.MARGIN
        self._meaning((left, Inches(1.6), room, Inches(1.1)), 24)
        if self.part.formula:
            points = 36 if len(self.part.formula) < 26 else 24
            self._formula((left, Inches(3.1), Inches(6.6), Inches(1.2)), points)
        wide = Inches(4.9) if self.part.stage else Inches(6.6)
        x = template.WIDTH - template.MARGIN - wide if self.part.stage else left
        self._shapes((x, Inches(2.9), wide, _LINE), (18, 14))

    def beside(self) -> None:
        """On the page of the stage's clip: the formula below it, the rest in the column at its right."""
        x, y, wide, high = template.SCREEN
        column = x + wide + Inches(0.2)
        room = template.WIDTH - column - Inches(0.25)
        below = template.HEIGHT - y - high - Inches(0.15)
        if self.part.formula:
            points = 24 if len(self.part.formula) < 60 else 18
            self._formula((x, y + high + Inches(0.08), wide, below), points)
        self._meaning((column, y, room, Inches(2.1)), 16)
        self._shapes((column, y + Inches(2.2), room, Inches(0.36)), (14, 12))

    def _meaning(self, box: Box, points: int) -> None:
        self._text(box, self.part.meaning.of(self.lang), points, formula=True)

    def _formula(self, box: Box, points: int) -> None:
        self._text(box, self.part.formula, points, face=template.MATH, colour=MSO_THEME_COLOR.ACCENT_1)

    def _text(self, box: Box, text: str, points: int, **look: Any) -> None:
        frame = self.page.shapes.add_textbox(*box).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = 0
        write_run(self.lang, frame.paragraphs[0], text, points, **look)

    def _shapes(self, box: Box, points: tuple[int, int]) -> None:
        """The table: ``box`` has the height of a line, ``points`` are those of the cells and of the heading."""
        rows = self.part.shapes(self.lang)
        x, y, wide, line = box
        frame = self.page.shapes.add_table(len(rows) + 1, 3, x, y, wide, line * (len(rows) + 1))
        heading = HEADINGS["shapes" if self.part.stage else "sizes"].of(self.lang)
        frame.name = heading
        said = "; ".join(" ".join(filter(None, (r.symbol, r.letters, r.sizes))) for r in rows)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{heading}: {said}")
        frame.table._tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_STYLE
        frame.table.horz_banding = False
        shares = (0.24, 0.48, 0.28) if self.part.stage else (0.20, 0.66, 0.14)
        for column, share in zip(frame.table.columns, shares, strict=True):
            column.width = Emu(int(wide * share))
        for row in frame.table.rows:
            row.height = line
        self._cells(frame.table, points)

    def _cells(self, table: Any, points: tuple[int, int]) -> None:
        """Native cells: a heading, then a line for each tensor in the colour of its role, a rule between them."""
        heading = [text.of(self.lang) for text in (TENSOR_HEADINGS if self.part.stage else SIZE_HEADINGS)]
        lines = [(heading, None), *(((r.symbol, r.letters, r.sizes), r) for r in self.part.shapes(self.lang))]
        for line, (texts, row) in zip(table.rows, lines, strict=True):
            for at, (cell, text) in enumerate(zip(line.cells, texts, strict=True)):
                paragraph = _cell(cell, at, heading=row is None, narrow=points[0] < 18)
                if row is None:
                    write_run(self.lang, paragraph, text, points[1], colour=MSO_THEME_COLOR.TEXT_2)
                    continue
                face = template.MATH if at != 1 or self.part.stage else None
                colour = template.hue(role_of(row.name, learned=row.learned)) if at == 0 else None
                write_run(self.lang, paragraph, text, points[0], face=face, bold=row.result, colour=colour)


def _cell(cell: Any, at: int, *, heading: bool, narrow: bool) -> Any:
    """An empty cell with a thin line under it, and none elsewhere; returns its paragraph."""
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    if narrow:
        cell.margin_left = cell.margin_right = Inches(0.03)
        cell.margin_top = cell.margin_bottom = Inches(0.02)
    look = cell._tc.get_or_add_tcPr()
    for side in ("L", "R", "T"):
        look.append(parse_xml(f'<a:ln{side} {nsdecls("a")} w="0"><a:noFill/></a:ln{side}>'))
    width = 19050 if heading else 6350
    look.append(
        parse_xml(
            f'<a:lnB {nsdecls("a")} w="{width}"><a:solidFill><a:schemeClr val="tx2"/></a:solidFill></a:lnB>'
        )
    )
    look.append(parse_xml(f"<a:noFill {nsdecls('a')}/>"))
    paragraph = cell.text_frame.paragraphs[0]
    if at == 2:
        paragraph.alignment = PP_ALIGN.RIGHT
    return paragraph
