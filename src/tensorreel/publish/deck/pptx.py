"""The lecture as a PowerPoint file: a slide for each stage, or an introduction and a slide for each step's clip.

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
from pptx.util import Inches

from tensorreel.film.encode.cut import cut
from tensorreel.film.job.undated import undate
from tensorreel.publish.deck import pptx_template as template
from tensorreel.publish.deck.lecture import (
    HEADINGS,
    Lecture,
    LecturePart,
    LectureStep,
)
from tensorreel.publish.deck.notes import notes
from tensorreel.publish.deck.pptx_facts import Box, Facts, write_run
from tensorreel.publish.deck.pptx_timing import Play, timing
from tensorreel.publish.plain import glosses, plain, sentence
from tensorreel.visuals.lettering.isolates import runs_left
from tensorreel.visuals.look.theme import THEMES
from tensorreel.words.languages import language
from tensorreel.words.text import Text

_SECTIONS = "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"
_P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
_NAMES = uuid.UUID("6f1f3f0e-5a0e-4c53-9d0b-2f6f2f3b7c11")  # sections' ids are made from their names
CLICK = Text("A click on a stage leads to it; its first slide leads back.", "deck")
MAP = Text("Map of the lecture", "deck")
_NAME = Inches(0.52)  # height of a part's name on the map
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
    deck.cover(posters)
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
        self.stations: list[tuple[Any, ...]] = []  # shapes of the map, by part
        self.map: Any = None

    def cover(self, posters: Pictures) -> None:
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
            write_run(self.lecture.lang, body.add_paragraph(), meant, 20, colour=MSO_THEME_COLOR.TEXT_2)
        if self.lecture.cover.byline:
            write_run(self.lecture.lang, body.add_paragraph(), self.lecture.cover.byline, 20)
        self._logo(page)
        first, last = self.lecture.parts[0], self.lecture.parts[-1]
        self._notes(page, [(self.lecture.title, f"{first.title(lang)} – {last.title(lang)}")])
        if len(self.lecture.parts) == 1:
            return
        self.map = self._slide(template.STAGE, MAP.of(lang))
        self._stations(posters)
        self._notes(self.map, [(MAP.of(lang), CLICK.of(lang))])

    def _logo(self, page: Any) -> None:
        """The lecturer's picture, at the upper right."""
        if (logo := self.lecture.cover.logo) is None:
            return
        shown = page.shapes.add_picture(io.BytesIO(logo.data), 0, Inches(0.45))
        scale = min(Inches(3.4) / shown.width, Inches(1.1) / shown.height)
        shown.width, shown.height = int(shown.width * scale), int(shown.height * scale)
        shown.left = template.WIDTH - template.MARGIN - shown.width
        shown.name = HEADINGS["logo"].of(self.lecture.lang)
        shown._element.nvPicPr.cNvPr.set("descr", plain(self.lecture.logo_alt))

    def _stations(self, posters: Pictures) -> None:
        """A grid of boxes, one a part, each with its last picture, that lead to it."""
        count = len(self.lecture.parts)
        across = min(7, max(4, -(-count // 3)))
        gap, top = Inches(0.14), Inches(1.55)
        rows = -(-count // across)
        wide = (template.WIDTH - 2 * template.MARGIN - (across - 1) * gap) // across
        room = (template.HEIGHT - top - Inches(0.4) - (rows - 1) * gap) // rows
        high = min(room, wide * 9 // 16 + _NAME)
        for at, (part, pictures) in enumerate(zip(self.lecture.parts, posters, strict=True)):
            row, column = divmod(at, across)
            x, y = template.MARGIN + column * (wide + gap), top + row * (high + gap)
            picture = io.BytesIO(pictures[poster_frame(part.steps[-1])])
            self.stations.append(self._station(part, picture, (x, y, wide, high)))

    def _station(self, part: LecturePart, picture: Any, box: Box) -> tuple[Any, Any]:
        """A part's picture with its name below it, on a ground of their own."""
        x, y, wide, high = box
        ground = self.map.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box)
        ground.name = part.name
        ground.fill.solid()
        ground.fill.fore_color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
        ground.line.fill.background()
        ground.shadow.inherit = False
        frame = ground.text_frame
        frame.word_wrap = True
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.margin_left = frame.margin_right = Inches(0.05)
        frame.margin_top, frame.margin_bottom = high - _NAME, 0
        paragraph = frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.CENTER
        write_run(self.lecture.lang, paragraph, part.title(self.lecture.lang), 11)
        shown = min(wide, (high - _NAME) * 16 // 9)
        small = self.map.shapes.add_picture(picture, x + (wide - shown) // 2, y, shown, shown * 9 // 16)
        small.name = f"{part.name}, picture"
        small._element.nvPicPr.cNvPr.set("descr", part.alt(part.steps[-1], self.lecture.lang))
        return ground, small

    def part(self, part: LecturePart, pictures: Mapping[int, bytes]) -> None:
        """A stage: its clip with what there is to know beside it, or an introduction and a slide for each step."""
        lang = self.lecture.lang
        self.sections.append((part.title(lang), []))
        whole = self.lecture.steps == "stage"
        page = self._slide(template.WHOLE if whole else template.STAGE, part.title(lang))
        if whole:
            self._film(page, part, part.steps[0], pictures, template.SCREEN)
            Facts(page, part, lang).beside()
        else:
            Facts(page, part, lang).alone()
        self._notes(page, notes(self.lecture, part, part.steps[0] if whole else None))
        if self.stations:
            for shape in self.stations[len(self.sections) - 2]:
                shape.click_action.target_slide = page
            self._way_back(page)
        for step in () if whole else part.steps:
            self._clip(part, step, pictures)

    def _clip(self, part: LecturePart, step: LectureStep, pictures: Mapping[int, bytes]) -> None:
        """A slide that is the clip of one step from edge to edge."""
        of = f" ({step.number}/{len(part.steps)})" if len(part.steps) > 1 else ""
        page = self._slide(template.CLIP, f"{part.title(self.lecture.lang)}{of}")
        self._film(page, part, step, pictures, (0, 0, template.WIDTH, template.HEIGHT))
        self._notes(page, notes(self.lecture, part, step))

    def _film(
        self, page: Any, part: LecturePart, step: LectureStep, pictures: Mapping[int, bytes], box: Box
    ) -> None:
        """The clip of a step, and what makes it play."""
        piece = self.work / f"{part.number:02}-{part.name}-{step.number:02}.mp4"
        cut(part.clip, step.first, step.last, piece)
        poster = io.BytesIO(pictures[poster_frame(step)])
        movie = page.shapes.add_movie(str(piece), *box, poster, mime_type="video/mp4")
        piece.unlink()
        movie._element.nvPicPr.cNvPr.set("descr", part.alt(step, self.lecture.lang))
        sheet = page._element
        sheet.remove(sheet.find(f"{{{sheet.nsmap['p']}}}timing"))
        seconds = float((step.last - step.first) / part.clip.fps)
        sheet._insert_timing(timing(movie.shape_id, seconds, self.play, step.loop))

    def _way_back(self, page: Any) -> None:
        x, y = template.MARGIN, template.HEIGHT - Inches(0.75)
        if self.lecture.steps == "stage":
            x, y = template.SCREEN[0] + template.SCREEN[2] + Inches(0.2), template.HEIGHT - Inches(0.55)
        box = page.shapes.add_textbox(x, y, Inches(2.6), Inches(0.4))
        box.name = MAP.of(self.lecture.lang)
        box.text_frame.word_wrap = True
        box.text_frame.margin_left = 0
        words = f"◂ {MAP.of(self.lecture.lang)}"
        write_run(self.lecture.lang, box.text_frame.paragraphs[0], words, 14, colour=MSO_THEME_COLOR.TEXT_2)
        box.click_action.target_slide = self.map

    def _slide(self, layout: int, title: str) -> Any:
        page = self.file.slides.add_slide(self.file.slide_layouts[layout])
        page.shapes.title.text = title
        if self.sections:
            self.sections[-1][1].append(page)
        return page

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
