"""Importing Manim is nobody's business but ours."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tensorreel.film import boot


def compile_pydub() -> None:
    """As Python does where nothing is compiled yet; from 3.12 on it warns of ``\\(``, before that if it is asked to."""
    spec = importlib.util.find_spec("pydub")
    assert spec is not None
    for file in Path(spec.origin or "").parent.glob("*.py"):
        compile(file.read_text(encoding="utf-8"), str(file), "exec")


def test_of_pydub_nothing_is_heard() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        compile_pydub()
        assert heard  # else there is nothing left to silence
        heard.clear()
        with boot.without_pydub():
            compile_pydub()
            warnings.warn_explicit("no ffmpeg", RuntimeWarning, "x/pydub/utils.py", 1, "pydub.utils")
            assert not heard
            warnings.warn_explicit("ours", RuntimeWarning, "x/tensorreel/a.py", 1, "tensorreel.a")
        assert [str(w.message) for w in heard] == ["ours"]


@pytest.mark.slow
def test_the_first_import_on_a_machine_without_ffmpeg_is_silent(tmp_path: Path) -> None:
    program = "from tensorreel.film import boot; boot.import_manim()"
    env = {**os.environ, "PATH": str(tmp_path), "PYTHONPYCACHEPREFIX": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert "pydub" not in run.stderr
    assert "ffmpeg" not in run.stderr
