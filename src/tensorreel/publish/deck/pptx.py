"""The lecture as a PowerPoint file: an introduction to each stage, then a slide for each step's clip.

Titles, tables, notes and sections are PowerPoint's own, so they can be edited, searched and read aloud. Each
clip is embedded once, however many slides show it.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from pptx.dml.color import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from tensorreel.film.encode.cut import cut
from tensorreel.publish.deck import pptx_template as template
from tensorreel.publish.deck.lecture import (
    HEADINGS,
    SIZE_HEADINGS,
    TENSOR_HEADINGS,
    Lecture,
    LecturePart,
    LectureStep,
    notes,
)
from tensorreel.publish.deck.pptx_timing import Play, timing
from tensorreel.publish.deck.scripts import scripts
from tensorreel.publish.deck.undated import undate
from tensorreel.publish.plain import glosses, sentence
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look.theme import THEMES, role_of
from tensorreel.words.languages import language
from tensorreel.words.text import Text

_SECTIONS = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"
_P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
_NAMES = uuid.UUID("6f1f3f0e-5a0e-4c53-9d0b-2f6f2f3b7c11")  # sections' ids are made from their names
CLICK = Text("A click on a stage leads to it; its first slide leads back.", "deck")
MAP = Text("Map of the lecture", "deck")
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's "No Style, No Grid"
_LINE = Inches(0.45)
Pictures = Sequence[Mapping[int, bytes]]


def poster_frame(step: LectureStep) -> int:
    """The frame that stands for a step's clip where it does not play: its last, which is what it comes to.

    That is what paper, a PDF, the overview and viewers without video show. In a show that starts by itself it is seen
    until the clip does.
    """
    return step.last - 1


def write_pptx(lecture: Lecture, posters: Pictures, target: Path, work: Path, play: Play) -> None:
    """Write the presentation to ``target``; ``posters`` are JPEGs by frame for each part, ``work`` a folder of
    the caller's for the pieces of clips."""
    deck = _Deck(lecture, work, play)
    deck.cover()
    for part, pictures in zip(lecture.parts, posters, strict=True):
        deck.part(part, pictures)
    deck.finish()
    deck.file.save(str(target))
    undate(target)


class _Deck:
    """The presentation in the making."""

    def __init__(self, lecture: Lecture, work: Path, play: Play) -> None:
        self.lecture, self.work, self.play = lecture, work, play
        self.file = template.new_presentation(THEMES[lecture.theme])
        self.sections: list[tuple[str, list[Any]]] = []
        self.stations: list[Any] = []  # shapes of the map
        self.map: Any = None

    def cover(self) -> None:
        """The title, and the map; a lecture of one stage needs neither."""
        if not self.lecture.covered:
            return
        lang = self.lecture.lang
        self.sections.append((self.lecture.title, []))
        page = self._slide(template.TITLE, self.lecture.title)
        body = page.placeholders[1].text_frame
        body.text = sentence(self.lecture.trace)
        if runs_left(body.text):
            body.paragraphs[0].alignment = PP_ALIGN.RIGHT
            body.paragraphs[0]._p.get_or_add_pPr().set("rtl", "1")
        if meant := glosses(self.lecture.trace, self.lecture.lang):
            self._run(body.add_paragraph(), meant, 20, colour=MSO_THEME_COLOR.TEXT_2)
        if self.lecture.cover.byline:
            self._run(body.add_paragraph(), self.lecture.cover.byline, 20)
        first, last = self.lecture.parts[0], self.lecture.parts[-1]
        self._notes(page, [(self.lecture.title, f"{first.title(lang)} – {last.title(lang)}")])
        if len(self.lecture.parts) == 1:
            return
        self.map = self._slide(template.STAGE, MAP.of(lang))
        self._stations()
        self._notes(self.map, [(MAP.of(lang), CLICK.of(lang))])

    def _stations(self) -> None:
        """A grid of boxes, one a part, that lead to it."""
        across, gap, top = 5, Inches(0.18), Inches(1.75)
        rows = -(-len(self.lecture.parts) // across)
        wide = (template.WIDTH - 2 * template.MARGIN - (across - 1) * gap) // across
        high = min(Inches(1.15), (template.HEIGHT - top - Inches(0.6) - (rows - 1) * gap) // rows)
        for at, part in enumerate(self.lecture.parts):
            row, column = divmod(at, across)
            x, y = template.MARGIN + column * (wide + gap), top + row * (high + gap)
            box = self.map.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, x, y, wide, high)
            box.adjustments[0] = 0.08
            box.name = part.name
            box.fill.solid()
            box.fill.fore_color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
            box.line.color.theme_color = MSO_THEME_COLOR.TEXT_2
            box.line.width = Pt(0.75)
            box.shadow.inherit = False
            frame = box.text_frame
            frame.word_wrap = True
            frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            frame.margin_left = frame.margin_right = Inches(0.08)
            self._run(frame.paragraphs[0], part.title(self.lecture.lang), 15)
            if part.stage:
                under = frame.add_paragraph()
                self._run(
                    under, part.stage.symbol_plain, 16, face=template.MATH, colour=MSO_THEME_COLOR.ACCENT_1
                )
            for paragraph in frame.paragraphs:
                paragraph.alignment = PP_ALIGN.CENTER
            self.stations.append(box)

    def part(self, part: LecturePart, pictures: Mapping[int, bytes]) -> None:
        """The introduction to a stage, and its steps."""
        lang = self.lecture.lang
        self.sections.append((part.title(lang), []))
        page = self._slide(template.STAGE, part.title(lang))
        self._introduce(page, part)
        self._notes(page, notes(self.lecture, part))
        if self.stations:
            self.stations[len(self.sections) - 2].click_action.target_slide = page
            self._way_back(page)
        for step in part.steps:
            self._clip(part, step, pictures)

    def _introduce(self, page: Any, part: LecturePart) -> None:
        """What the stage does, its formula, its shapes."""
        left, room = template.MARGIN, template.WIDTH - 2 * template.MARGIN
        self._text(
            page, (left, Inches(1.6), room, Inches(1.1)), part.meaning.of(self.lecture.lang), 24, formula=True
        )
        if part.formula:
            box = (left, Inches(3.1), Inches(6.6), Inches(1.2))
            look = {"face": template.MATH, "colour": MSO_THEME_COLOR.ACCENT_1}
            self._text(page, box, part.formula, 36 if len(part.formula) < 26 else 24, **look)
        rows = part.shapes(self.lecture.lang)
        wide = Inches(4.9) if part.stage else Inches(6.6)
        x = template.WIDTH - template.MARGIN - wide if part.stage else left
        frame = page.shapes.add_table(len(rows) + 1, 3, x, Inches(2.9), wide, _LINE * (len(rows) + 1))
        heading = HEADINGS["shapes" if part.stage else "sizes"].of(self.lecture.lang)
        frame.name = heading
        said = "; ".join(" ".join(filter(None, (r.symbol, r.letters, r.sizes))) for r in rows)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{heading}: {said}")
        self._table(frame.table, part, wide)

    def _table(self, table: Any, part: LecturePart, width: int) -> None:
        """Native cells: a heading, then a line for each tensor in the colour of its role, a rule between them."""
        lang = self.lecture.lang
        table._tbl.tblPr.find(qn("a:tableStyleId")).text = _NO_STYLE
        table.horz_banding = False
        shares = (0.24, 0.48, 0.28) if part.stage else (0.16, 0.70, 0.14)
        for column, share in zip(table.columns, shares, strict=True):
            column.width = Emu(int(width * share))
        heading = [text.of(lang) for text in (TENSOR_HEADINGS if part.stage else SIZE_HEADINGS)]
        lines = [(heading, None), *(((r.symbol, r.letters, r.sizes), r) for r in part.shapes(lang))]
        for line, (texts, row) in zip(table.rows, lines, strict=True):
            line.height = _LINE
            for at, (cell, text) in enumerate(zip(line.cells, texts, strict=True)):
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                _rule(cell, row is None)
                paragraph = cell.text_frame.paragraphs[0]
                if row is None:
                    self._run(paragraph, text, 14, colour=MSO_THEME_COLOR.TEXT_2)
                else:
                    face = template.MATH if at != 1 or part.stage else None
                    colour = template.hue(role_of(row.name, learned=row.learned)) if at == 0 else None
                    self._run(paragraph, text, 18, face=face, bold=row.result, colour=colour)
                if at == 2:
                    paragraph.alignment = PP_ALIGN.RIGHT

    def _clip(self, part: LecturePart, step: LectureStep, pictures: Mapping[int, bytes]) -> None:
        """A slide that is the clip of one step from edge to edge."""
        lang = self.lecture.lang
        of = f" ({step.number}/{len(part.steps)})" if len(part.steps) > 1 else ""
        page = self._slide(template.CLIP, f"{part.title(lang)}{of}")
        piece = self.work / f"{part.number:02}-{part.name}-{step.number:02}.mp4"
        cut(part.clip, step.first, step.last, piece)
        poster = io.BytesIO(pictures[poster_frame(step)])
        movie = page.shapes.add_movie(
            str(piece), 0, 0, template.WIDTH, template.HEIGHT, poster, mime_type="video/mp4"
        )
        piece.unlink()
        movie._element.nvPicPr.cNvPr.set("descr", part.alt(step, lang))
        sheet = page._element
        sheet.remove(sheet.find(f"{{{sheet.nsmap['p']}}}timing"))
        seconds = float((step.last - step.first) / part.clip.fps)
        sheet._insert_timing(timing(movie.shape_id, seconds, self.play, step.loop))
        self._notes(page, notes(self.lecture, part, step))

    def _way_back(self, page: Any) -> None:
        box = page.shapes.add_textbox(
            template.MARGIN, template.HEIGHT - Inches(0.75), Inches(4), Inches(0.45)
        )
        box.name = MAP.of(self.lecture.lang)
        box.text_frame.word_wrap = True
        box.text_frame.margin_left = 0
        words = f"◂ {MAP.of(self.lecture.lang)}"
        self._run(box.text_frame.paragraphs[0], words, 14, colour=MSO_THEME_COLOR.TEXT_2)
        box.click_action.target_slide = self.map

    def _slide(self, layout: int, title: str) -> Any:
        page = self.file.slides.add_slide(self.file.slide_layouts[layout])
        page.shapes.title.text = title
        if self.sections:
            self.sections[-1][1].append(page)
        return page

    def _text(self, page: Any, box: tuple[int, int, int, int], text: str, points: int, **look: Any) -> None:
        shape = page.shapes.add_textbox(*box)
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = 0
        self._run(frame.paragraphs[0], text, points, **look)

    def _run(
        self,
        paragraph: Any,
        text: str,
        points: int,
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
            look.set("lang", language(self.lecture.lang).regional)
            if level:
                look.set("baseline", "30000" if level > 0 else "-25000")

    def _notes(self, page: Any, said: Sequence[tuple[str, str]]) -> None:
        text = "\n".join(f"{head}: {body}" if "\n" not in body else f"{head}\n{body}" for head, body in said)
        page.notes_slide.notes_text_frame.text = text

    def finish(self) -> None:
        """Sections and properties."""
        props = self.file.core_properties
        props.title, props.author, props.language = (
            self.lecture.title,
            "tensorreel",
            language(self.lecture.lang).regional,
        )
        props.last_modified_by, props.subject = "tensorreel", sentence(self.lecture.trace)
        ids = {s.slide_id: s for s in self.file.slides}
        number = {id(page._element): key for key, page in ids.items()}
        listed = "".join(
            f'<p14:section name={quoteattr(name)} id="{{{str(uuid.uuid5(_NAMES, name)).upper()}}}"><p14:sldIdLst>'
            + "".join(f'<p14:sldId id="{number[id(page._element)]}"/>' for page in pages)
            + "</p14:sldIdLst></p14:section>"
            for name, pages in self.sections
        )
        root = self.file.part._element
        lists = root.find(f"{{{root.nsmap['p']}}}extLst")
        if lists is not None:
            root.remove(lists)
        root.append(
            parse_xml(
                f'<p:extLst xmlns:p="{root.nsmap["p"]}" xmlns:p14="{_P14}"><p:ext uri="{_SECTIONS}">'
                f"<p14:sectionLst>{listed}</p14:sectionLst></p:ext></p:extLst>"
            )
        )


def _rule(cell: Any, heading: bool) -> None:
    """A thin line under a cell, and none elsewhere."""
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
