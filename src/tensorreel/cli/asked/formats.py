"""What ``render`` writes: the format, from the name given with -o or from --format, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.asked.options import Command
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.formats import FORMATS, KINDS, MOST_ASKED, endings, told
from tensorreel.film.job.picture import QUALITIES, Picture, Rate, rate, spoken_rate


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


def format_of(form: str | None, output: Path | None) -> str:
    """The format that was asked for, by name or by the ending of -o, which has to agree with it."""
    known = list(FORMATS)
    ending = output.suffix.lower().lstrip(".") if output else ""
    if output and ending not in known:
        expected = told([f".{name}" for name in known])
        raise UsageProblem(f"-o {output}: ending {output.suffix or 'none'}, expected {expected}")
    if form and ending and form != ending:
        raise UsageProblem(f"-o {output} and --format {form}, expected the same format")
    return form or ending or known[0]


def picture_of(form: str, quality: str | None, fps: Rate | None) -> Picture:
    """Size and rate: loops are small, overlays have 30 frames per second, where nothing else was asked for.

    A rate that browsers do not play is lowered to one that they do, which is said.
    """
    kind = FORMATS[form]
    if fps is not None and fps > kind.most:
        slow = f"{form}: {kind.most} frames per second, not {spoken_rate(fps)}, which browsers slow down"
        click.echo(slow, err=True)
        fps = kind.most
    return kind.picture(quality, fps)


def check_format(form: str, theme: str, **given: Any) -> None:
    """Refuse options that the format has no use for."""
    if refusal := FORMATS[form].refusal(theme, **given):
        raise UsageProblem(f"--{refusal}")


def each_kind() -> str:
    """What the formats are, for the help: ``mp4: video. gif, webp: loops.``"""
    return " ".join(f"{', '.join(endings(kind))}: {words}." for kind, words in KINDS.items())
