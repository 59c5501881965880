"""Arithmetic on printed digits: is ``0.1×0.2 + 0.4×(−0.1) = −0.02`` true as it stands on the screen?"""

from __future__ import annotations

import ast
import re
from decimal import Decimal, localcontext

_SIGNS = str.maketrans({"−": "-", "×": "*", "÷": "/", "·": "*", " ": ""})
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-−]?\d+)?")
_ROOT = re.compile(r"√(\d+(?:\.\d+)?|\([^()]*\))")


def evaluate(printed: str) -> Decimal:
    """The exact value of a printed expression of numbers, + − × / √ ² and brackets, at 40 digits.

    Raises ``ValueError`` when the text is not such an expression.
    """
    text = printed.translate(_SIGNS).replace("²", "**2").replace("∞", "1e999999")
    text = _ROOT.sub(lambda m: f"({m[1]})**0.5", text)
    text = _NUMBER.sub(lambda m: f"'{m[0]}'", text)
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as err:
        raise ValueError(f"not arithmetic: {printed!r}") from err
    with localcontext() as context:
        context.prec = 40
        return _value(tree)


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=str(digits)):
            return Decimal(digits)
        case ast.Constant(value=int(n) | float(n)):
            return Decimal(str(n))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=a, op=op, right=b):
            return _binary(type(op), _value(a), _value(b))
    raise ValueError(f"not arithmetic: {ast.dump(node)}")


def _binary(op: type[ast.operator], a: Decimal, b: Decimal) -> Decimal:
    if op is ast.Add:
        return a + b
    if op is ast.Sub:
        return a - b
    if op is ast.Mult:
        return a * b
    if op is ast.Div:
        return a / b
    if op is ast.Pow:
        return a.sqrt() if b == Decimal("0.5") else a**b
    raise ValueError(f"not arithmetic: {op.__name__}")
