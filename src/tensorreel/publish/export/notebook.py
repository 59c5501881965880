"""A notebook in which every stage is a few lines of plain NumPy: the engine's own, with the numbers of the film printed.

The lines are read off the functions of the formula table, so that a notebook of any architecture computes what its
engine computes. Nothing of tensorreel is imported by it.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.engine import Trace
from tensorreel.core.errors import UsageProblem
from tensorreel.core.functional import Array, attention_mask
from tensorreel.core.table import Stage, Step
from tensorreel.film.run.contents import FILM_TITLE
from tensorreel.publish.export.tensors import MADE_BY
from tensorreel.publish.plain import plain, sentence

MOST = 20_000  # numbers that are written out
SHOW = """def show(name, x, digits):
    print(name, *x.shape)
    print(np.array2string(x, formatter={"float": lambda v: f"{v:.{digits}f}"}, max_line_width=120))"""


def as_notebook(trace: Trace, lang: str) -> bytes:
    """The notebook of a forward pass as JSON (nbformat 4.5). ``UsageProblem`` for a model with too many numbers."""
    count = sum(array.size for array in trace.model.params.values())
    if count > MOST:
        raise UsageProblem(f"--to notebook: {count} weights, expected at most {MOST} (they are written out)")
    cells = [_cell(at, kind, text) for at, (kind, text) in enumerate(_cells(trace, lang))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    facts = {"kernelspec": kernel, "made_by": MADE_BY}
    whole = {"cells": cells, "metadata": facts, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _cell(at: int, kind: str, text: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{at}", "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _cells(trace: Trace, lang: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each cell, in order."""
    table = trace.model.architecture
    yield "markdown", f"# {FILM_TITLE.of(lang)}\n\n{_escaped(sentence(trace))}"
    yield "code", "\n\n\n".join(["import numpy as np", *_helpers(trace), SHOW])
    yield "code", "\n".join(_model(trace))
    layers = trace.model.config.n_layers
    for stage, layer in table.run_order(layers):
        if stage is table.layer[0]:
            before, _ = table.origin(HIDDEN, layer, layers)
            yield "code", "\n".join([f"{HIDDEN} = {before}", *_parameters(trace, layer)])
        yield from _stage(trace, stage, layer, lang)


def _stage(trace: Trace, stage: Stage, layer: int | None, lang: str) -> Iterator[tuple[str, str]]:
    title = f"## {stage.number}. {stage.title.of(lang)}"
    place = "" if layer is None else f" (l = {layer + 1})"
    yield "markdown", f"{title}{place}\n\n`{stage.formula_plain}`\n\n{_escaped(stage.meaning.of(lang))}"
    known = trace.model.architecture.intermediates
    steps: list[Step] = [*trace.model.architecture.on_the_way(stage), stage]
    lines = [line for step in steps for line in lines_of(step, [i.fn for i in known.values()])]
    tensor = trace.results[stage.name, layer]
    yield "code", "\n".join([*lines, f'show("{tensor.symbol_plain}", {stage.name}, {tensor.decimals})'])


def _escaped(text: str) -> str:
    """Words in Markdown, none of which gives an order."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#$" else c for c in text)


# ---- numbers -----------------------------------------------------------------------------------------
def _model(trace: Trace) -> Iterator[str]:
    """The sentence, and what the model has once."""
    config = trace.model.config
    yield f"tokens = np.array({list(trace.tokens)})  # {plain(' '.join(trace.words))}"
    yield f"mask = {attention_mask.__name__}({len(trace.tokens)}, causal={config.causal})"
    yield f"eps = {config.eps!r}"
    yield from _parameters(trace, None)


def _parameters(trace: Trace, layer: int | None) -> Iterator[str]:
    for tensor in trace.results.values():
        if tensor.learned and tensor.layer == layer:
            yield f"{tensor.name} = np.array({_written(tensor.values)})"


def _written(values: Array) -> str:
    """Every number as it reads back, a row a line."""
    return np.array2string(
        values,
        separator=", ",
        threshold=values.size + 1,
        max_line_width=110,
        formatter={"float_kind": lambda value: repr(float(value))},
    )


# ---- code --------------------------------------------------------------------------------------------
def lines_of(step: Step, on_the_way: Sequence[Callable[..., Any]] = ()) -> list[str]:
    """The body of a step's function as lines that set a variable of the step's name.

    What the functions ``on_the_way`` compute stands in variables of their names already.
    """
    body = _function(step.fn).body
    tree = ast.Module([_assigned(line, step.name) for line in body if not _is_text(line)], [])
    return ast.unparse(_Computed({fn.__name__ for fn in on_the_way}).visit(tree)).splitlines()


def _function(fn: Callable[..., Any]) -> ast.FunctionDef:
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(fn))).body
    assert isinstance(found, ast.FunctionDef)
    return found


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _assigned(line: ast.stmt, name: str) -> ast.stmt:
    """``return x`` as ``name = x``."""
    if not isinstance(line, ast.Return) or line.value is None:
        return line
    return ast.fix_missing_locations(ast.Assign([ast.Name(name, ast.Store())], line.value))


class _Computed(ast.NodeTransformer):
    """Calls of some functions become variables of their names."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """The variable, if the function is one of them."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.names:
            return ast.Name(node.func.id, ast.Load())
        return node


def _helpers(trace: Trace) -> list[str]:
    """What the stages call: functions and classes, each before those that use it."""
    table, found = trace.model.architecture, dict[str, str]()
    ways = {i.fn for i in table.intermediates.values()}
    _define(attention_mask, found)
    for step in table.steps.values():
        for called in _called(step.fn):
            if called not in ways:
                _define(called, found)
    return list(found.values())


def _called(thing: Any) -> list[Any]:
    """Our own functions and classes that a function or class names."""
    if not inspect.isfunction(thing):
        return []
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    assert isinstance(tree, ast.FunctionDef)
    names = {n.id for line in tree.body for n in ast.walk(line) if isinstance(n, ast.Name)}
    names -= set(inspect.signature(thing).parameters)
    known = [thing.__globals__.get(name) for name in sorted(names)]
    return [x for x in known if (inspect.isfunction(x) or inspect.isclass(x)) and x is not thing]


def _define(thing: Any, found: dict[str, str]) -> None:
    """The source of a function or class without annotations, after what it needs."""
    if thing.__name__ in found:
        return
    for needed in _called(thing):
        _define(needed, found)
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    found[thing.__name__] = ast.unparse(_Bare().visit(tree))


class _Bare(ast.NodeTransformer):
    """Functions without annotations, which name what a notebook does not know."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Its arguments, and what it returns."""
        self.generic_visit(node)
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        return node
