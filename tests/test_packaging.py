"""What is packaged is what is there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def folders() -> set[str]:
    """Every folder with Python files in it, as a package name."""
    found = {"tensorreel.scenes"} if list((ROOT / "scenes").glob("*.py")) else set()
    for file in (ROOT / "src").rglob("*.py"):
        found.add(".".join(file.parent.relative_to(ROOT / "src").parts))
    return found


def test_packages_equal_the_folders() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == folders()


def assets() -> set[str]:
    """What the package needs beside its Python files, as paths in the wheel."""
    folder = ROOT / "src" / "tensorreel" / "publish" / "deck" / "assets"
    return {str(p.relative_to(ROOT / "src")) for p in folder.rglob("*") if p.is_file()}


def test_assets_are_packaged_small_and_licensed() -> None:
    package = ROOT / "src" / "tensorreel" / "publish" / "deck"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["tensorreel.publish.deck"]
    packaged = {str(p.relative_to(ROOT / "src")) for g in patterns for p in package.glob(g) if p.is_file()}
    assert assets() == packaged
    assert "tensorreel/publish/deck/assets/reveal/LICENSE" in packaged
    assert all((ROOT / "src" / name).stat().st_size < 1_000_000 for name in packaged)


@pytest.mark.slow
def test_the_wheel_holds_scenes_and_the_model(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
    ]
    subprocess.run([*map(str, command), str(ROOT)], check=True, stdin=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "tensorreel/models/tiny.toml" in names
    assert "tensorreel/py.typed" in names
    assert assets() <= names
    for file in (*(ROOT / "scenes").glob("*.py"), *(ROOT / "src").rglob("*.py")):
        inside = (
            f"tensorreel/scenes/{file.name}"
            if file.parent.name == "scenes"
            else str(file.relative_to(ROOT / "src"))
        )
        assert inside in names


def test_constraints_pin_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)


def test_every_dependency_is_pinned() -> None:
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    }
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["test"]
    assert {re.split(r"[\[=<>]", name)[0].lower() for name in wanted} <= pinned


def test_no_place_of_one_machine_is_written_down() -> None:
    """No absolute home or checkout path, and no address of a package index, in what is built and configured."""
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        ".ci/run",
        "tools/system-packages",
        "tools/deck-tools",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:|/home/|/work/|/root/", text), name
