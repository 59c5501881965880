"""Tests have teeth: each guard is taken away in a copy of the code, and its test must fail."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.guards import GUARDS
from tests.mutation import mutated

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "tensorreel"
SOURCE = """
LIMIT = 3

class Clip:
    def kept(self, entry):
        def inner():
            return entry
        if entry is None or entry.digest != self.digest:  # äöü
            return False
        return f(a, b)
"""


@cache
def parsed(path: Path) -> str:
    return ast.dump(ast.parse(path.read_text(encoding="utf-8")))


def test_there_are_enough_guards_and_each_stands_where_it_is_said() -> None:
    assert len(GUARDS) >= 90
    for name, guard in GUARDS.items():
        path, text = mutated(guard.function, guard.old, guard.new, PACKAGE)
        assert ast.dump(ast.parse(text)) != parsed(path), name
        file, _, test = guard.test.partition("::")
        assert f"def {test.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), name


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_piece_is_found_wherever_its_function_lies_and_however_it_is_laid_out(tmp_path: Path) -> None:
    digest = ("Clip.kept", " or entry.digest != self.digest", "")
    path, text = mutated(*digest, written(tmp_path, "one.py", SOURCE).parent)
    assert (path.name, text) == ("one.py", SOURCE.replace(" or entry.digest != self.digest", " "))
    (tmp_path / "one.py").rename(written(tmp_path, "deep/two.py", "").with_name("moved.py"))
    assert mutated(*digest, tmp_path)[0].name == "moved.py"
    reflowed = SOURCE.replace(
        "None or entry.digest != self.digest:", "None or (\n entry.digest  # why\n != self.digest):"
    )
    written(tmp_path, "deep/moved.py", reflowed.replace("f(a, b)", "f(\n a,\n b,\n )"))
    assert (
        "entry.digest == self.digest"
        in mutated("Clip.kept", "entry.digest != self.digest", "entry.digest == self.digest", tmp_path)[1]
    )
    assert "return None" in mutated("Clip.kept", "f(a, b)", "None", tmp_path)[1]
    assert "LIMIT = 4" in mutated("LIMIT", "3", "4", tmp_path)[1]
    assert "return 7" in mutated("Clip.kept.inner", "return entry", "return 7", tmp_path)[1]


@pytest.mark.parametrize(
    ("name", "old", "found"),
    [
        ("Clip.gone", "entry", "Clip.gone: nowhere below"),
        ("kept", "entry.digest != self.digest", "kept: nowhere below"),
        ("Clip.kept", "entry.key", "'entry.key' stands nowhere"),
        ("Clip.kept", "digest", "'digest' stands one.py, one.py, two.py"),
        ("Clip.kept", "return None", "'return None' stands nowhere"),
        ("Clip.kept", "return f(a, b)", "stands one.py, three.py"),
    ],
)
def test_a_guard_that_is_nowhere_or_in_two_places_is_told(
    name: str, old: str, found: str, tmp_path: Path
) -> None:
    written(tmp_path, "one.py", SOURCE)
    written(
        tmp_path,
        "two.py",
        "class Clip:\n    def kept(self):\n        return digest, 'return None'  # return None\n",
    )
    written(tmp_path, "three.py", "class Clip:\n    def kept(self):\n        return f(a, b)\n")
    with pytest.raises(LookupError, match=re.escape(found)):
        mutated(name, old, "", tmp_path)


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
    path, text = mutated(guard.function, guard.old, guard.new, quick / "src" / "tensorreel")
    path.write_text(text, encoding="utf-8")
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
