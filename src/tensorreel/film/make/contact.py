"""Contact sheets: the pictures of a clip side by side, each with its beat and caption below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cairo
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tensorreel.film.draw import manim_setup
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.job import Clip, Job, Progress
from tensorreel.film.make.clip import drawing
from tensorreel.film.make.stills import Still, stills
from tensorreel.visuals.lettering.fonts import clusters
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look.theme import THEMES

GAP = 16
TEXT = 22  # px, height of a line's letters
BASELINE = 1.1  # em below the top of a line
MAX_SIDE = 30_000  # px; beyond it viewers and encoders give up


def make_sheet(
    job: Job, every: float | None = None, columns: int = 3, progress: Progress | None = None
) -> Clip:
    """Write the contact sheet of ``job``'s scene to its target (PNG); ``every`` seconds also during motion.

    Returns a ``Clip`` whose frames are the pictures on the sheet.
    """
    manim_setup.import_manim()
    with drawing(job.picture):
        pictures = stills(job, every)
    said = PngInfo()
    said.add_text("Software", "Made by tensorreel")
    with replacing(job.target) as part:
        lay_out(pictures, job, columns).save(part, optimize=True, pnginfo=said)
    if progress is not None:
        progress(1)
    return Clip(job.scene, job.target, len(pictures), 1, ())


def lay_out(pictures: Sequence[Still], job: Job, columns: int) -> Image.Image:
    """All pictures on one image, ``columns`` of them in a row."""
    theme = THEMES[job.options.theme]
    pen = Pen(theme, job.options.font, job.options.lang)
    w, h = job.picture.width, job.picture.height
    cell_w, cell_h = w + GAP, h + GAP + 3 * (TEXT + 10)
    columns = max(1, min(columns, len(pictures)))
    rows = min(-(-len(pictures) // columns), MAX_SIDE // cell_h)
    sheet = Image.new("RGB", (columns * cell_w + GAP, rows * cell_h + GAP), theme.panel)
    for i, still in enumerate(pictures[: rows * columns]):
        x, y = GAP + i % columns * cell_w, GAP + i // columns * cell_h
        sheet.paste(still.image, (x, y), still.image if still.image.mode == "RGBA" else None)
        heading = (
            f"{still.seconds:.1f} s  {still.beat}" if still.ends else f"{still.seconds:.1f} s  ({still.beat})"
        )
        _write(sheet, (x, y + h + 4), heading, theme.dim, pen)
        for n, line in enumerate(_folded(still.caption, pen, w)[:2], start=1):
            _write(sheet, (x, y + h + 4 + n * (TEXT + 8)), line, theme.ink, pen)
    return sheet


def _write(sheet: Image.Image, at: tuple[int, int], text: str, colour: str, pen: Pen) -> None:
    """A line in the film's letters, other fonts and directions included; ``at`` is its upper left corner."""
    shaped = pen.shape(text, prose=True)
    surface = cairo.ImageSurface(cairo.FORMAT_A8, max(1, round(shaped.advance * TEXT)) + TEXT, 2 * TEXT)
    context = cairo.Context(surface)
    context.scale(TEXT, -TEXT)
    context.translate(0, -BASELINE)
    last: list[float] = []
    for start, a, b, end in shaped.points[:, :2].reshape(-1, 4, 2).tolist():
        if start != last:
            context.move_to(*start)
        context.curve_to(*a, *b, *end)
        last = end
    context.fill()
    surface.flush()
    size = (surface.get_width(), surface.get_height())
    ink = Image.frombytes("L", size, bytes(surface.get_data()), "raw", "L", surface.get_stride())
    sheet.paste(Image.new("RGB", size, colour), at, ink)


def _folded(text: str, pen: Pen, width: int) -> list[str]:
    """Lines no wider than ``width``, broken at spaces where there are any."""
    lines = [""]
    for piece in text.replace("\n", " ").split(" "):
        joined = f"{lines[-1]} {piece}".strip()
        if _wide(joined, pen) <= width:
            lines[-1] = joined
            continue
        lines.append("")
        for letter in clusters(piece, pen.font, pen.lang):
            if _wide(lines[-1] + letter, pen) > width:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]


def _wide(text: str, pen: Pen) -> float:
    return pen.shape(text, prose=True).advance * TEXT


def sheet_path(folder: Path, number: int, job: Job) -> Path:
    """``renders/sheets/07-attn-weights-en-dark.png``."""
    name = job.scene.replace("_", "-")
    return folder / "sheets" / f"{number:02}-{name}-{job.options.lang}-{job.options.theme}.png"
