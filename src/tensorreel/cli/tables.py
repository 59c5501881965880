"""Commands that answer in the terminal: ``list``, ``show`` and ``model``. None of them draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.asked.options import (
    asked_tokens,
    check_place,
    json_option,
    model_options,
    place_options,
    sample_option,
    sentence_options,
    stage_argument,
    stated_options,
)
from tensorreel.cli.grids import columns, grid, spoken, word_label, word_labels
from tensorreel.cli.understanding import facts_of, told_lines
from tensorreel.core.architecture import Architecture
from tensorreel.core.engine import Tensor, Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.formatting import format_number, leading
from tensorreel.core.listing import nested
from tensorreel.core.model import Model
from tensorreel.core.table import Stage
from tensorreel.film.job.atomic import need_folder, no_device, publish_bytes
from tensorreel.models import SAMPLE, builtin_text
from tensorreel.models.reading import MAX_BYTES, understood
from tensorreel.words.languages import LANGUAGES


def _described(stage: Stage, table: Architecture, sizes: dict[str, int]) -> dict[str, Any]:
    inputs = [
        {
            "name": name,
            "symbol": table.symbol_of(name),
            "dims": list(dims),
            "shape": [sizes[x] for x in dims],
        }
        for name, dims in zip(stage.inputs, stage.in_dims, strict=True)
    ]
    output = {"dims": list(stage.out_dims), "shape": [sizes[x] for x in stage.out_dims]}
    return {
        "number": stage.number,
        "name": stage.cli_name,
        "symbol": stage.symbol_plain,
        "formula": stage.formula_plain,
        "formula_typst": stage.formula,
        "scope": stage.scope,
        "title": {lang: stage.title.of(lang) for lang in LANGUAGES},
        "meaning": {lang: stage.meaning.of(lang) for lang in LANGUAGES},
        "inputs": inputs,
        "output": output,
    }


@click.command("list")
@model_options
@json_option("Print JSON for programs.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table, as in docs/stages.md.")
def list_(
    model: Model, tokens: tuple[int, ...], model_file: Path | None, as_json: bool, markdown: bool
) -> None:
    """List the stages: number, name, formula, and shapes with the sizes of the model."""
    sizes, table = model.config.sizes(len(tokens)), model.architecture
    if as_json:
        described = [_described(s, table, sizes) for s in table.stages]
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    if markdown:
        click.echo(_markdown(table, sizes))
        return
    rows = [[f"{s.number:>2}", s.cli_name, s.formula_plain, table.shapes(s, sizes)] for s in table.stages]
    click.echo("\n".join(columns(rows)))


def _markdown(table: Architecture, sizes: dict[str, int]) -> str:
    """The formula table in Markdown: number, name, title, formula, shapes."""
    head = "| # | stage | what it is | formula | shapes |\n|---|---|---|---|---|"
    rows = [
        f"| {s.number} | `{s.cli_name}` | {s.title.english} | {s.formula_plain} | {table.shapes(s, sizes)} |"
        for s in table.stages
    ]
    return "\n".join([head, *rows])


@click.command()
@stage_argument
@model_options
@place_options
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of title and meaning.")
@json_option("Print JSON with every digit; −∞ is the string -inf.")
def show(
    stage: str,
    model: Model,
    tokens: tuple[int, ...],
    model_file: Path | None,
    layer: int | None,
    head: int | None,
    token: int | None,
    lang: str,
    as_json: bool,
) -> None:
    """Print the inputs and the output of STAGE (a name or a number) as tables with the tokens' names.

    All heads are shown unless --head chooses one; --token marks a row.
    """
    table = model.architecture
    info = table.find(stage)
    check_place(model, tokens, layer, head, token)
    trace = forward(model, tokens).at(layer=layer or 0, head=head)
    if as_json:
        click.echo(json.dumps(_as_json(info, trace), ensure_ascii=False, indent=1))
        return
    click.echo(f"{info.number}/{len(table.stages)}  {info.title.of(lang)}   {info.formula_plain}")
    click.echo(info.meaning.of(lang))
    if "tokens" in info.inputs:
        ids = "  ".join(
            f"{word} {i}" for word, i in zip(word_labels(trace.labels), trace.tokens, strict=True)
        )
        click.echo(f"\nt  tokens and their ids\n{ids}")
    for tensor in _tensors(info, trace):
        click.echo("\n" + "\n".join(grid(tensor, trace, token)))


def _tensors(stage: Stage, trace: Trace) -> list[Tensor]:
    """Inputs, what is computed on the way, and the output."""
    return [
        *trace.inputs(stage),
        *(trace[i.name] for i in trace.model.architecture.on_the_way(stage)),
        trace[stage.name],
    ]


def _as_json(stage: Stage, trace: Trace) -> dict[str, Any]:
    def described(tensor: Tensor) -> dict[str, Any]:
        place = {"layer": tensor.layer, "head": tensor.head}
        at = {k: v + 1 for k, v in place.items() if v is not None}
        shown = {"name": tensor.name, "symbol": tensor.symbol_plain, **at}
        return shown | {
            "dims": list(tensor.dims),
            "shape": list(tensor.shape),
            "values": nested(tensor.values),
        }

    return {
        "stage": stage.cli_name,
        "number": stage.number,
        "formula": stage.formula_plain,
        "tokens": list(trace.tokens),
        "words": list(trace.words),
        "inputs": [described(t) for t in trace.inputs(stage)],
        "intermediates": [described(trace[i.name]) for i in trace.model.architecture.on_the_way(stage)],
        "output": described(trace[stage.name]),
    }


@click.group()
def model() -> None:
    """Write a built-in model for editing, or check a model file."""


@model.command()
@click.argument("file", type=click.Path(path_type=Path))
@sample_option(f"The language of its sentence ({SAMPLE}).")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def init(file: Path, sample: str | None, force: bool) -> None:
    """Write a built-in model to FILE (TOML), to be edited and used with --model FILE."""
    no_device(file)
    if file.is_dir() or (file.exists() and not force):
        what = "a directory" if file.is_dir() else "exists already"
        raise UsageProblem(
            f"{file}: {what}, expected a new file" + ("" if file.is_dir() else " (or --force)")
        )
    need_folder(file)
    publish_bytes(builtin_text(sample or SAMPLE).encode(), file)
    click.echo(str(file))


@model.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--max-bytes", type=click.IntRange(min=1), metavar="N", help="Refuse a file of more than N bytes (1 GiB)."
)
@stated_options
@sentence_options
@json_option("Print JSON for programs.")
def check(
    file: Path,
    max_bytes: int | None,
    said: dict[str, Any],
    tokens: str | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Read FILE, or a folder with its config.json, and say what was understood of it, or the first thing that is wrong
    with it. It is run on a sentence: its own, or the one of --text or --tokens.
    """
    read = understood(file, max_bytes or MAX_BYTES, said)
    asks = not read.model.tokens and text is None and tokens is None
    trace = None if asks else forward(read.model, asked_tokens(read.model, tokens, text))
    sizes = read.model.config.sizes(None if trace is None else len(trace.tokens))
    named = {name: sizes[x] for x, name in SHAPE_NAMES.items() if x in sizes}
    if as_json:
        report = {**named, **facts_of(read), **({} if trace is None else _answered(trace))}
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    listed = ", ".join(f"{name} = {size}" for name, size in named.items())
    click.echo(f"{file}: good ({listed}{', causal' if read.model.config.causal else ''})")
    click.echo("\n".join(told_lines(read)))
    click.echo(UNASKED if trace is None else _answer(trace))


SHAPE_NAMES = {"V": "V", "n": "n", "d": "d", "h": "h", "k": "d_k", "f": "d_ff", "L": "L", "T": "T"}
UNASKED = "no sentence of its own: --text or --tokens gives it one"


def _answered(trace: Trace) -> dict[str, Any]:
    """The likeliest next word, for programs."""
    last = trace["probs"].values[-1]
    best = int(last.argmax())
    return {"words": list(trace.words), "next": trace.model.words[best], "p": float(last[best])}


def _answer(trace: Trace) -> str:
    """The sentence and its likeliest next word."""
    p = trace["probs"]
    printed = p.printed_row(len(p.values) - 1)
    best = int(p.values[-1].argmax())
    more = len(leading(printed, p.decimals)) - 1
    tied = f", and so for {more} more" if more else ""
    sure = f"p = {format_number(printed[best], p.decimals)}{tied}"
    return f"{spoken(trace.labels)} → {word_label(trace.model.labels[best])} ({sure})"
