"""``tensorreel export``: one forward pass for spreadsheets, notebooks and programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tensorreel.cli.asked.options import json_option, model_options, output_dir_option
from tensorreel.core.engine import Trace
from tensorreel.core.errors import UsageProblem
from tensorreel.core.model import Model
from tensorreel.film.job.atomic import need_folder
from tensorreel.publish.export.making import KINDS, ending_of, kind_of, write_export
from tensorreel.publish.ours import refuse_others
from tensorreel.words.languages import LANGUAGES

NAME = "transformer"


@click.command()
@click.option("--to", "kind", type=click.Choice(KINDS), help="What to make; else the ending of -o says it.")
@model_options
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", help="Language of the texts.")
@click.option(
    "--seed",
    type=click.IntRange(0, 10**6),
    metavar="N",
    help="Of a worksheet: other numbers are left out (1).",
)
@click.option(
    "--check", is_flag=True, help="Of xlsx: recompute every number by the audit's path; write nothing."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@output_dir_option()
@click.option("--force", is_flag=True, help="Replace a file of others, too.")
@json_option("Print what was written as JSON.")
def export(
    kind: str | None,
    model: Model,
    tokens: tuple[int, ...],
    model_file: Path | None,
    lang: str,
    seed: int | None,
    check: bool,
    output: Path | None,
    output_dir: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Write every number of one forward pass for other programs.

    \b
    xlsx      a workbook that computes: change a weight, and every stage follows (needs tensorreel[xlsx])
    csv       a row for each number
    npz       arrays of NumPy by name
    json      the same, with what each tensor is
    notebook  for Jupyter: each stage as lines of plain NumPy
    worksheet a PDF of exercises: numbers left out, to be worked out by hand; the answers at its end
    """
    chosen = kind_of(output, kind)
    if seed is not None and chosen != "worksheet":
        raise UsageProblem(f"--seed with --to {chosen}, expected --to worksheet")
    if check:
        _check(model.run(tokens=tokens), chosen, as_json)
        return
    target = output or output_dir / f"{NAME}{ending_of(chosen)}"
    if target.is_dir() or (model_file is not None and target.exists() and target.samefile(model_file)):
        raise UsageProblem(f"{target}: a folder or the model itself, expected another file")
    if output is None:
        refuse_others([target], force)
    else:
        need_folder(target)
    write_export(model.run(tokens=tokens), chosen, target, lang, 1 if seed is None else seed)
    click.echo(json.dumps({"path": str(target), "kind": chosen}) if as_json else str(target))


def _check(trace: Trace, kind: str, as_json: bool) -> None:
    """Print how many numbers were recomputed, and what was found; exit code 1 if anything was."""
    from tensorreel.publish.export.checking import check_workbook

    if kind != "xlsx":
        raise UsageProblem(f"--check with --to {kind}, expected --to xlsx")
    numbers, findings = check_workbook(trace)
    said = [*findings, f"{numbers} numbers recomputed, {len(findings)} findings"]
    click.echo(json.dumps({"numbers": numbers, "findings": findings}) if as_json else "\n".join(said))
    if findings:
        click.get_current_context().exit(1)
