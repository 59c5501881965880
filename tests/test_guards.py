"""Tests have teeth: each guard is taken away in a copy of the code, and its test must fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards import GUARDS

ROOT = Path(__file__).parents[1]


def test_there_are_enough_guards_and_each_stands_where_it_is_said() -> None:
    assert len(GUARDS) >= 90
    for name, guard in GUARDS.items():
        text = (ROOT / "src" / "tensorreel" / guard.file).read_text(encoding="utf-8")
        assert text.count(guard.old) == 1, name
        file, _, test = guard.test.partition("::")
        assert f"def {test.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), name


@pytest.mark.slow
@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_a_test_fails(name: str, quick: Path) -> None:
    guard = GUARDS[name]
    plain = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", quick / "src", ignore=plain)
    for folder in ("tests", "scenes", "benchmarks"):
        shutil.copytree(ROOT / folder, quick / folder, ignore=plain)
    shutil.copy(ROOT / "pyproject.toml", quick)
    (quick / "src" / "tensorreel" / "scenes").symlink_to(quick / "scenes")
    path = quick / "src" / "tensorreel" / guard.file
    path.write_text(path.read_text(encoding="utf-8").replace(guard.old, guard.new), encoding="utf-8")
    place = {**os.environ, "PYTHONPATH": str(quick / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/{guard.test}"]
    done = subprocess.run(
        command,
        cwd=quick,
        env=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1, (name, done.stdout[-2000:])
    assert re.search(r"[1-9]\d* failed|[1-9]\d* error", done.stdout), (name, done.stdout[-2000:])
