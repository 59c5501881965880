"""``tensorreel cache``: what is kept, and letting go of it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tensorreel.cli.asked.options import SIZES, SizeParam, json_option
from tensorreel.cli.running import cache_option
from tensorreel.core.errors import Busy


@click.group()
def cache() -> None:
    """Finished clips are kept, so that only what changed is rendered."""


@cache.command()
@cache_option
@json_option("Print the facts as JSON.")
def info(cache_dir: Path, as_json: bool) -> None:
    """Say where clips are kept, how many, and how much room they take."""
    entries = _entries(cache_dir)
    facts = {"folder": str(cache_dir), "clips": len(entries), "bytes": sum(entries)}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(f"{facts['folder']}: {facts['clips']} clips, {sum(entries) / 1e6:.1f} MB")


def _entries(folder: Path) -> list[int]:
    from tensorreel.film.keep.cache import Cache

    return [entry.size for entry, _ in Cache(folder, folder, lambda message: None).entries()]


@cache.command()
@cache_option
@click.option(
    "--max-size",
    type=SizeParam(least=0),
    default="1G",
    show_default=True,
    metavar="SIZE",
    help=f"How much may stay: 0, 500MB, 2GB. {SIZES}",
)
def prune(cache_dir: Path, max_size: int) -> None:
    """Let go of the longest unused clips until the rest fits."""
    from tensorreel.film.keep.cache import Cache, busy

    if busy(cache_dir):
        raise Busy(f"{cache_dir}: a run uses it, expected none")
    clips, freed = Cache(cache_dir, cache_dir, lambda message: None).prune(max_size)
    click.echo(f"{clips} clips removed, {freed / 1e6:.1f} MB freed")
