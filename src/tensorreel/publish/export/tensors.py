"""Every tensor of a forward pass by its full name: as arrays of NumPy, as a table, as JSON."""

from __future__ import annotations

import csv
import io
import json

import numpy as np

from tensorreel.core.engine import Trace
from tensorreel.core.listing import arrays, full_name, nested
from tensorreel.publish.ours import COLUMNS
from tensorreel.publish.provenance import MARK

MADE_BY = f"Made by {MARK}"


def as_npz(trace: Trace) -> bytes:
    """An archive of NumPy: ``numpy.load(file)["layers.0.query"]``, and the sentence as ``words`` and ``tokens``."""
    out, extra = io.BytesIO(), {"words": np.array(trace.words), "tokens": np.array(trace.tokens)}
    np.savez(out, **arrays(trace), **extra, made_by=np.array(MADE_BY.encode()))  # type: ignore[arg-type]
    return out.getvalue()


def as_csv(trace: Trace) -> bytes:
    """CSV, a row for each number: its tensor, its layer, the letters of its axes, its place on each (from 0)."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for tensor in trace.results.values():
        layer = "" if tensor.layer is None else tensor.layer
        for index in np.ndindex(tensor.shape):
            place = [*index, "", "", ""][:3]
            rows.writerow(
                [tensor.name, layer, " ".join(tensor.dims), *place, repr(float(tensor.values[index]))]
            )
    return out.getvalue().encode()


def as_json(trace: Trace) -> bytes:
    """JSON: the sentence, the model's digest, and each tensor with its axes and nested values; −∞ is ``"-inf"``."""
    facts = {
        "made_by": MADE_BY,
        "model": trace.model.digest,
        "words": list(trace.words),
        "tokens": list(trace.tokens),
        "tensors": {
            full_name(t.name, t.layer): {
                "symbol": t.symbol_plain,
                "axes": list(t.dims),
                "learned": t.learned,
                "values": nested(t.values),
            }
            for t in trace.results.values()
        },
    }
    return json.dumps(facts, ensure_ascii=False, allow_nan=False).encode()
