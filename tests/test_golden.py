"""A few pictures of the film to look at, small; a change of one of them is seen by who reviews it.

``pytest tests/test_golden.py --accept-pictures`` keeps what is drawn now. A picture that differs is written to
``renders/golden``, and one with both side by side.

Two machines draw edges of letters in slightly other shades, and the pictures that are kept have few colours; what stands
in another place or says something else is another colour altogether, and many pixels close together. So a picture
differs where one square of ``BLOCK`` pixels has more than ``MANY`` that are off by more than ``FAR`` levels. Numbers are
the audit's business: one digit that is another may pass here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tensorreel.core.engine import forward
from tensorreel.film.draw import manim_setup
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.models import tiny_model
from tensorreel.visuals.lettering.fontfiles import resolve_font
from tensorreel.visuals.look.options import SceneOptions

ROOT = Path(__file__).parents[1]
GOLDEN, DIFFERING = ROOT / "tests" / "golden", ROOT / "renders" / "golden"
PICTURE = Picture(400, 226, 10)
COLOURS, MOST = 16, 10_000  # of a picture that is kept, and its bytes
FAR, BLOCK, MANY = 64, 16, 16
FONT = "CJK"  # in the name of the font that the pictures are drawn with
Pixels = npt.NDArray[np.int16]
# The poster of a scene, in a language and a theme.
CASES = (
    ("opening", "en", "dark"),
    ("embedding", "ja", "dark"),
    ("attn_scores", "en", "light"),
    ("attn_weights", "zh-Hans", "dark"),
    ("attn_norm", "fr", "dark"),
    ("ffn_hidden", "de", "light"),
    ("probs", "ko", "dark"),
    ("recap", "es", "light"),
)


def drawn(scene: str, lang: str, theme: str) -> Image.Image:
    manim_setup.import_manim()
    from tensorreel.film.make.clip import drawing
    from tensorreel.film.make.stills import poster

    options = SceneOptions(lang=lang, theme=theme)
    with drawing(PICTURE):
        return poster(Job(scene, forward(tiny_model()), options, PICTURE, "png", Path("-"))).image.convert(
            "RGB"
        )


def differs(image: Image.Image, kept: Image.Image) -> bool:
    """Whether somebody who looks at both sees two pictures."""
    if image.size != kept.size:
        return True
    far = np.abs(_pixels(image) - _pixels(kept)).max(axis=2) > FAR
    sums = np.pad(far.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    blocks = sums[BLOCK:, BLOCK:] - sums[:-BLOCK, BLOCK:] - sums[BLOCK:, :-BLOCK] + sums[:-BLOCK, :-BLOCK]
    return bool(blocks.max() > MANY)


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"), np.int16)


def accept(image: Image.Image, file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, optimize=True)


def show(image: Image.Image, kept: Image.Image, file: Path) -> Path:
    """Write the new picture, and the kept one on the left of it; where the latter is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file)
    both = Image.new("RGB", (kept.width + image.width, max(kept.height, image.height)))
    both.paste(kept.convert("RGB"), (0, 0))
    both.paste(image, (kept.width, 0))
    both.save(beside := file.with_name(f"{file.stem}-beside.png"))
    return beside


@pytest.mark.parametrize(("scene", "lang", "theme"), CASES, ids=lambda x: str(x).replace("_", "-"))
def test_a_picture_is_the_one_that_was_looked_at(
    scene: str, lang: str, theme: str, request: pytest.FixtureRequest
) -> None:
    if FONT not in (font := resolve_font()).name:
        pytest.skip(f"the pictures are drawn with another font than {font.name}")
    name = f"{scene.replace('_', '-')}-{lang}-{theme}.png"
    image = drawn(scene, lang, theme)
    if request.config.getoption("--accept-pictures"):
        accept(image, GOLDEN / name)
    with Image.open(GOLDEN / name) as kept:
        told = f"see {show(image, kept, DIFFERING / name)}" if differs(image, kept) else ""
    assert not told, f"{name}: {told}; if it is right: pytest tests/test_golden.py --accept-pictures"


def test_the_pictures_are_those_of_the_cases_and_small() -> None:
    files = {file.name: file.stat().st_size for file in GOLDEN.iterdir()}
    assert set(files) == {f"{scene.replace('_', '-')}-{lang}-{theme}.png" for scene, lang, theme in CASES}
    assert max(files.values()) <= MOST


def example() -> Image.Image:
    with Image.open(GOLDEN / "opening-en-dark.png") as image:
        return image.convert("RGB")


def test_a_thing_in_another_place_differs_and_other_shades_do_not() -> None:
    image = example()
    left, top, right, bottom = image.convert("L").point(lambda x: 255 * (x > 128)).getbbox() or (0, 0, 0, 0)
    moved, missing = image.copy(), image.copy()
    moved.paste(image.crop((left, top, right, bottom)), (left + 2, top))
    missing.paste((128, 128, 128), (left, top, left + 40, bottom))
    assert differs(moved, image)
    assert differs(missing, image)
    assert differs(image.resize((200, 113)), image)
    shade = Image.fromarray(np.clip(_pixels(image) + 40, 0, 255).astype(np.uint8))
    assert not differs(shade, image)


def test_what_differs_is_shown_beside_what_was_kept(tmp_path: Path) -> None:
    image = example()
    beside = show(image, Image.new("RGB", (100, 50)), tmp_path / "new" / "a.png")
    assert sorted(p.name for p in beside.parent.iterdir()) == ["a-beside.png", "a.png"]
    with Image.open(beside) as both:
        assert both.size == (100 + image.width, image.height)
