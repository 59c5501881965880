"""The notebook of examples runs from top to bottom, and shows what it says."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

BOOK = Path(__file__).parents[1] / "examples" / "notebook.ipynb"


def test_it_is_kept_without_outputs() -> None:
    book = nbformat.read(BOOK, as_version=4)
    nbformat.validate(book)
    assert [c for c in book.cells if c.cell_type == "code" and (c.outputs or c.execution_count)] == []


@pytest.mark.slow
def test_every_cell_runs_and_the_clip_plays(tmp_path: Path) -> None:
    book = nbformat.read(BOOK, as_version=4)
    NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    assert {out.output_type for out in outputs} == {"execute_result"}, "nothing is printed"
    pages = [out.data["text/html"] for out in outputs if "text/html" in out.data]
    assert any('src="data:image/gif;base64,' in page for page in pages)
    shown = next(
        out.data["text/plain"]
        for out in outputs
        if "context" in out.data["text/plain"] and "html" not in str(out.data.keys())
    )
    assert "'value'" in shown
    assert "'key'" not in shown
    assert (tmp_path / "transformer.xlsx").is_file()
