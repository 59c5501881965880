"""Manim is imported quietly: what its libraries warn of is not for whoever waits for a film."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOUD = """import warnings
pattern = '\\('  # what newer Pythons call a SyntaxWarning, older ones a DeprecationWarning
for kind in (DeprecationWarning, RuntimeWarning, UserWarning, SyntaxWarning):
    warnings.warn(kind.__name__, kind)
"""
PROGRAM = """
from tensorreel.film.draw import manim_setup
manim_setup.import_manim()
import warnings
warnings.warn("still heard", UserWarning)
"""


def said_on_import(path: Path, flags: tuple[str, ...]) -> list[str]:
    """The lines on stderr of an import of Manim with nothing compiled yet."""
    place = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(path), *sys.path]),
        "PYTHONPYCACHEPREFIX": str(path / "compiled"),
    }
    place["PATH"] = "/nowhere"
    ended = subprocess.run(
        [sys.executable, *flags, "-c", PROGRAM], env=place, capture_output=True, text=True, check=True
    )
    return [line for line in ended.stderr.splitlines() if "Warning: " in line]


@pytest.mark.parametrize("flags", [(), ("-W", "default"), ("-W", "error::SyntaxWarning")])
def test_what_manim_and_its_libraries_warn_of_is_not_printed(flags: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "manim").mkdir()
    (tmp_path / "manim" / "__init__.py").write_text(LOUD)
    (line,) = said_on_import(tmp_path, flags)
    assert line.endswith("UserWarning: still heard")


@pytest.mark.slow
def test_the_real_manim_is_quiet_where_nothing_is_compiled(tmp_path: Path) -> None:
    (line,) = said_on_import(tmp_path, ("-W", "default"))
    assert line.endswith("UserWarning: still heard")
