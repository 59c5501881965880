"""What ``render`` writes: the format, from the name given with -o or from --format, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import click

from tensorreel.cli.options import Command
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.job import Format
from tensorreel.film.job.picture import (
    DEFAULT_QUALITY,
    FASTEST,
    GIF_PICTURE,
    OVERLAY_PICTURE,
    QUALITIES,
    Picture,
    Rate,
    rate,
    spoken,
)
from tensorreel.visuals.look.options import CLEAR_THEMES

STILLS = ("png", "svg")
LOOPS = ("gif", "webp")
WITH_ALPHA = ("webp", "webm", "mov", "png", "svg")
MOST_ASKED = 120  # frames per second
_UNITS = {"K": 1, "M": 2, "G": 3}


def quality_option(told: str, **more: Any) -> Callable[[Command], Command]:
    """``--quality -q``: one of ``QUALITIES`` by its letter."""
    return click.option("--quality", "-q", type=click.Choice(list(QUALITIES)), help=told, **more)


class RateParam(click.ParamType[Rate]):
    """Frames per second: 25, 12.5, 29.97, 24000/1001."""

    name = "rate"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Rate:
        """The rate, exact."""
        if isinstance(value, int | Fraction):
            return value
        try:
            found = rate(str(value))
        except ValueError as err:
            self.fail(str(err), param, ctx)
        if found > MOST_ASKED:
            self.fail(f"{value} frames per second, expected 1 to {MOST_ASKED}", param, ctx)
        return found


fps_option = click.option(
    "--fps", type=RateParam(), metavar="N", help="Frames per second: 25, 29.97, 24000/1001."
)


class FileSizeParam(click.ParamType[int]):
    """A size of a file: 4MB and 4M are 4,000,000 bytes, as limits of websites are meant; 4MiB is 4,194,304."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The bytes."""
        if isinstance(value, int):
            return value
        text = str(value).strip().upper().replace(" ", "")
        thousand = 1024 if text.endswith("IB") else 1000
        text = text.removesuffix("B").removesuffix("I")
        power = _UNITS.get(text[-1:], 0)
        try:
            size = float(text[:-1] if power else text) * thousand**power
        except ValueError:
            size = 0.0
        if not 1 <= size < 1e15:
            self.fail(f"{value!r}, expected a size such as 4MB or 500KB", param, ctx)
        return int(size)


def format_of(form: Format | None, output: Path | None) -> Format:
    """The format that was asked for, by name or by the ending of -o, which has to agree with it."""
    known = get_args(Format)
    ending = output.suffix.lower().lstrip(".") if output else ""
    if output and ending not in known:
        listed = ", ".join(f".{name}" for name in known[:-1])
        raise UsageProblem(
            f"-o {output}: ending {output.suffix or 'none'}, expected {listed} or .{known[-1]}"
        )
    if form and ending and form != ending:
        raise UsageProblem(f"-o {output} and --format {form}, expected the same format")
    return form or ending or "mp4"  # type: ignore[return-value]


def picture_of(form: Format, quality: str | None, fps: Rate | None) -> Picture:
    """Size and rate: loops are small, overlays have 30 frames per second, where nothing else was asked for.

    A rate that browsers do not play is lowered to one that they do, which is said.
    """
    most = FASTEST.get(form, MOST_ASKED)
    if fps is not None and fps > most:
        click.echo(f"{form}: {most} frames per second, not {spoken(fps)}, which browsers slow down", err=True)
        fps = most
    usual: dict[str, Picture] = {
        "gif": GIF_PICTURE,
        "webp": GIF_PICTURE,
        "webm": OVERLAY_PICTURE,
        "mov": OVERLAY_PICTURE,
    }
    like = usual.get(form, QUALITIES[DEFAULT_QUALITY])
    if quality is None:
        return like.at(fps)
    return QUALITIES[quality].at(fps or (GIF_PICTURE.fps if form in LOOPS else None))


def check_format(form: Format, theme: str, **given: Any) -> None:
    """Refuse options that the format has no use for."""
    if theme in CLEAR_THEMES and form not in WITH_ALPHA:
        raise UsageProblem(
            f"--theme {theme} as {form}, expected {', '.join(WITH_ALPHA)} (it has no transparency)"
        )
    if given.get("beat") is not None and form not in STILLS:
        raise UsageProblem(f"--beat with {form}, expected png or svg")
    if given.get("max_size") is not None and form not in LOOPS:
        raise UsageProblem(f"--max-size with {form}, expected gif or webp")
    if given.get("subtitles") and form in STILLS:
        raise UsageProblem(f"--subtitles with {form}, expected a clip or the film")
