"""``tensorreel verify``: does a file still show what a model computes?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.asked.before import against_option
from tensorreel.cli.asked.options import (
    asked_tokens,
    chosen_model,
    font_option,
    jobs_option,
    json_option,
    model_option,
    stated_options,
    variation_options,
)
from tensorreel.core.errors import Differs
from tensorreel.core.model import Model


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@model_option("The model to compare with. Without it: the built-in tiny model.")
@stated_options
@variation_options
@against_option()
@click.option("--tokens", metavar="LIST", help="Another sentence than the file's own, as token ids or words.")
@click.option("--text", metavar="TEXT", help="The same as text.")
@font_option("The font file that the clip was made with, if it was another than the usual one.")
@jobs_option
@json_option("Print the verdicts as JSON.")
def verify(
    file: Path,
    model_file: Path | None,
    said: dict[str, Any],
    sample: str | None,
    asked: tuple[str, ...],
    before: Callable[..., Model | None],
    tokens: str | None,
    text: str | None,
    font: str | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Say whether FILE, a clip or a film, still shows what a model computes, stage by stage.

    What counts is what is seen: a weight that changes no printed digit changes nothing. The sentence is the one
    that the file was made with. Exit code 0: everything matches; 7: something differs; 3: the file does not say
    where it comes from.
    """
    from tensorreel.core.engine import forward
    from tensorreel.publish.reading import read_provenance
    from tensorreel.publish.verifying import report
    from tensorreel.publish.verifying import verdicts_on as verdicts_of

    origin = read_provenance(file)
    model = chosen_model(model_file, None, said, sample, asked)
    own = tokens is None and text is None
    ids = model.check_tokens(origin.tokens) if own else asked_tokens(model, tokens, text)
    old = before(model, model_file, None, said, sample)
    was = None if old is None else forward(old, ids)
    verdicts = report(verdicts_of(origin, forward(model, ids), font, jobs, old=was))
    differing = [v for v in verdicts if not v["matches"]]
    if as_json:
        facts = {
            "file": str(file),
            "matches": not differing,
            "made_from": origin.model,
            "compared_with": model.digest,
            "version": origin.version,
            "stages": verdicts,
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        for v in verdicts:
            click.echo(f"{v['stage']}: {'matches' if v['matches'] else 'differs: ' + _few(v['differs'])}")
    if differing:
        raise Differs(
            f"{file}: {len(differing)} of {len(verdicts)} stages differ, expected none (render again)"
        )


def _few(names: Sequence[str], most: int = 4) -> str:
    """The first names, and how many more there are."""
    more = f"; and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + more
