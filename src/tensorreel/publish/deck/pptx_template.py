"""Our own template for PowerPoint, made in code: 16:9, the film's colours, three layouts.

The layouts are a title, a stage's introduction, a clip from edge to edge, whose title stands above the
slide, where the outline and a screen reader find it and the picture has all the room, and a clip with room for facts.
"""

from __future__ import annotations

from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import MSO_THEME_COLOR
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches

from tensorreel.visuals.look.theme import DARK, Theme

WIDTH, HEIGHT = Inches(40 / 3), Inches(7.5)
MARGIN = Inches(0.7)
LATIN, EAST_ASIAN, MATH = "Arial", "Yu Gothic", "Cambria Math"
TITLE, STAGE, CLIP, WHOLE = range(4)
_KEPT = {"Title Slide": "Title", "Title Only": "Stage", "Section Header": "Clip", "Blank": "Whole stage"}
SCREEN = (Inches(0.25), Inches(0.8), Inches(10), Inches(10) * 9 // 16)  # of a clip with its facts beside it
# A theme has six accents. The first is the film's own; what wears no hue or comes last has none of the others.
ACCENTS = {role: n for n, role in enumerate((r for r in DARK.roles if r not in ("hidden", "prob")), start=2)}
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def hue(role: str) -> Any:
    """The theme's colour for a role."""
    return getattr(MSO_THEME_COLOR, f"ACCENT_{ACCENTS[role]}" if role in ACCENTS else "TEXT_1")


def new_presentation(theme: Theme) -> Any:
    """An empty presentation with our template; its layouts are ``TITLE``, ``STAGE``, ``CLIP`` and ``WHOLE``."""
    made: Any = Presentation()
    made.slide_width, made.slide_height = WIDTH, HEIGHT
    for layout in list(made.slide_layouts):
        if layout.name not in _KEPT:
            made.slide_layouts.remove(layout)
    master = made.slide_master
    _paint(master, theme)
    by_name = {layout.name: layout for layout in made.slide_layouts}
    boxes = {
        "Title Slide": [
            _place("ctrTitle", None, (MARGIN, Inches(1.6), WIDTH - 2 * MARGIN, Inches(1.9)), 44, "b"),
            _place("subTitle", 1, (MARGIN, Inches(3.7), WIDTH - 2 * MARGIN, Inches(2.2)), 24, "t"),
        ],
        "Title Only": [
            _place("title", None, (MARGIN, Inches(0.55), WIDTH - 2 * MARGIN, Inches(1.0)), 36, "ctr")
        ],
        "Section Header": [
            _place("title", None, (MARGIN, Inches(-1.0), WIDTH - 2 * MARGIN, Inches(0.8)), 20, "b")
        ],
        "Blank": [
            _place("title", None, (SCREEN[0], Inches(0.1), WIDTH - 2 * SCREEN[0], Inches(0.65)), 28, "ctr")
        ],
    }
    _rebuild(
        master, [_place("title", None, (MARGIN, Inches(0.55), WIDTH - 2 * MARGIN, Inches(1.0)), 36, "ctr")]
    )
    for old, name in _KEPT.items():
        _rebuild(by_name[old], boxes[old])
        by_name[old].name = name
        by_name[old]._element.attrib.pop("type", None)
    order = made.slide_layouts._sldLayoutIdLst
    ids = {layout.name: item for layout, item in zip(made.slide_layouts, order.sldLayoutId_lst, strict=True)}
    for name in _KEPT.values():
        order.append(ids[name])
    return made


def _place(kind: str, idx: int | None, box: tuple[int, ...], points: int, anchor: str) -> str:
    """A placeholder as XML without its id: where it stands and how its text looks."""
    x, y, cx, cy = (int(Emu(v)) for v in box)
    at = f' idx="{idx}"' if idx is not None else ""
    return (
        f'<p:sp {nsdecls("a", "p")}><p:nvSpPr><p:cNvPr id="0" name="{kind}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f'</p:cNvSpPr><p:nvPr><p:ph type="{kind}"{at}/></p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f'<p:txBody><a:bodyPr lIns="0" rIns="0" anchor="{anchor}"><a:normAutofit/></a:bodyPr><a:lstStyle><a:lvl1pPr marL="0" '
        f'indent="0" algn="l"><a:buNone/><a:defRPr sz="{points * 100}" b="{int("itle" in kind and "sub" not in kind)}"><a:solidFill><a:schemeClr val="tx1"/>'
        "</a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
    )


def _rebuild(page: Any, placeholders: list[str]) -> None:
    """Leave nothing on a layout or the master but some placeholders."""
    tree = page.shapes._spTree
    for shape in list(page.shapes):
        tree.remove(shape._element)
    for number, xml in enumerate(placeholders, 2):
        shape = parse_xml(xml)
        shape.nvSpPr.cNvPr.set("id", str(number))
        tree.append(shape)
    for left in page._element.xpath("./p:cSld/p:extLst | ./p:hf"):
        left.getparent().remove(left)


def _paint(master: Any, theme: Theme) -> None:
    """The film's colours and our fonts in the theme; text and background swapped for a dark one."""
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = etree.fromstring(part.blob)
    root.set("name", f"tensorreel {theme.name}")
    dark = theme.dark
    colours = {
        "dk1": theme.background if dark else theme.ink,
        "lt1": theme.ink if dark else theme.background,
        "dk2": theme.panel if dark else theme.dim,
        "lt2": theme.dim if dark else theme.panel,
        "accent1": theme.accent,
        "hlink": theme.role("key"),
        "folHlink": theme.role("param"),
    }
    colours |= {f"accent{n}": theme.role(role) for role, n in ACCENTS.items()}
    for name, colour in colours.items():
        slot = root.find(f".//{{{_A}}}clrScheme/{{{_A}}}{name}")
        slot.clear()
        etree.SubElement(slot, f"{{{_A}}}srgbClr", val=colour.lstrip("#"))
    for fonts in root.iter(f"{{{_A}}}majorFont", f"{{{_A}}}minorFont"):
        fonts.find(f"{{{_A}}}latin").set("typeface", LATIN)
        fonts.find(f"{{{_A}}}ea").set("typeface", EAST_ASIAN)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if dark:
        mapping = master._element.find(qn("p:clrMap"))
        for name, value in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
            mapping.set(name, value)
