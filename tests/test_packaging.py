"""What is packaged is what is there."""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from itertools import product
from pathlib import Path

import click
import pytest

from tensorreel.cli import doctor, main
from tensorreel.film.draw import native
from tests.harness import but_progress

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
    folders = (ROOT / "src").rglob("assets")
    return {str(p.relative_to(ROOT / "src")) for folder in folders for p in folder.rglob("*") if p.is_file()}


def test_assets_are_packaged_small_and_licensed() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    found = [
        p
        for package, patterns in data.items()
        for pattern in patterns
        if pattern.startswith("assets/")
        for p in (ROOT / "src" / package.replace(".", "/")).glob(pattern)
    ]
    packaged = {str(p.relative_to(ROOT / "src")) for p in found if p.is_file()}
    assert assets() == packaged
    assert "tensorreel/publish/deck/assets/reveal/LICENSE" in packaged
    assert all((ROOT / "src" / name).stat().st_size < 1_000_000 for name in packaged)


@pytest.mark.slow
def test_the_wheel_holds_scenes_and_the_model(tmp_path: Path) -> None:
    wheel = built(ROOT, tmp_path)
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"tensorreel/models/tiny.toml", "tensorreel/models/tiny-en.toml"} <= set(names)
    assert "tensorreel/py.typed" in names
    assert assets() <= names
    for file in (*(ROOT / "scenes").glob("*.py"), *(ROOT / "src").rglob("*.py")):
        inside = (
            f"tensorreel/scenes/{file.name}"
            if file.parent.name == "scenes"
            else str(file.relative_to(ROOT / "src"))
        )
        assert inside in names


NO_COMPILER = {"one that fails": {"CC": "/bin/false"}, "none to be found": {"PATH": "/nowhere"}}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, made from a copy, so that no object file of an earlier build is at hand."""
    copy, made = tmp_path_factory.mktemp("copy") / "copy", tmp_path_factory.mktemp("sdist")
    built = shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info", ".venv", ".git", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=built)
    shutil.rmtree(copy / "build", ignore_errors=True)
    program = f"from setuptools import build_meta; build_meta.build_sdist({str(made)!r})"
    subprocess.run([sys.executable, "-c", program], cwd=copy, check=True, stdout=subprocess.DEVNULL)
    (archive,) = made.glob("*.tar.gz")
    return archive


@pytest.mark.slow
@pytest.mark.parametrize("lacking", NO_COMPILER)
def test_without_a_compiler_it_installs_and_draws_the_same_bytes(
    sdist: Path, lacking: str, tmp_path: Path
) -> None:
    wheel = built(sdist, tmp_path, **NO_COMPILER[lacking])
    names = zipfile.ZipFile(wheel).namelist()
    assert "tensorreel/film/draw/_kernel.c" in names
    assert not [name for name in names if name.endswith(".so")]
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    here = rendered(tmp_path / "here.mp4")
    assert here[2] == ("compiled" if native.kernel else "None")
    assert rendered(tmp_path / "there.mp4", PYTHONPATH=str(tmp_path / "installed")) == (*here[:2], "None")
    assert rendered(tmp_path / "plain.mp4", TENSORREEL_KERNEL="0") == (*here[:2], "None")


@pytest.mark.slow
def test_with_a_compiler_the_wheel_holds_the_kernel(sdist: Path, tmp_path: Path) -> None:
    if native.kernel is None:
        pytest.skip("no kernel was built here")
    names = zipfile.ZipFile(built(sdist, tmp_path)).namelist()
    assert (
        len(
            [
                name
                for name in names
                if name.startswith("tensorreel/film/draw/_kernel.") and name.endswith(".so")
            ]
        )
        == 1
    )


def built(source: Path, folder: Path, **env: str) -> Path:
    """The wheel of a source distribution or folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-cache-dir", "-w", str(folder), str(source)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env={**os.environ, **env})
    (wheel,) = folder.glob("*.whl")
    return wheel


def rendered(target: Path, **env: str) -> tuple[bytes, str, str]:
    """A clip's bytes, what its render printed, and the kernel that was used."""
    program = (
        "import sys; from tensorreel.film.draw import native; print(native.kernel and 'compiled', file=sys.stderr)\n"
        "from tensorreel.cli import main; main()"
    )
    args = ["render", "concat", "-q", "l", "--pace", "4", "-o", target.name]
    ended = subprocess.run(
        [sys.executable, "-c", program, *args, "--cache-dir", f"cache-{target.stem}"],
        cwd=target.parent,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return target.read_bytes(), ended.stdout.replace(target.name, ""), but_progress(ended.stderr).strip()


def test_it_tells_its_version_and_runs_as_a_module(tmp_path: Path) -> None:
    version = PROJECT["project"]["version"]
    program = (
        "import sys, tensorreel; print(tensorreel.__version__); assert not hasattr(tensorreel, 'version'); "
        "assert not {'manim', 'numpy', 'click'} & set(sys.modules), 'importing it is light'"
    )
    for command, said in (
        (["-c", program], version),
        (["-m", "tensorreel", "--version"], f"tensorreel {version}"),
    ):
        ended = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{said}\n", ""), ended
    ended = subprocess.run(
        [sys.executable, "-m", "tensorreel", "rendr"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("tensorreel: error: ")


def test_every_test_is_in_one_lane_and_a_merge_runs_what_is_fast_and_what_is_whole() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lanes = dict(
        re.findall(r'^(test[\w-]*):.*\n(?:\t.*\n)*?\t\S+pytest -m "?([^"-]+?)"? -n', makefile, re.MULTILINE)
    )
    assert set(lanes) == {"test", "test-runs", "test-slow"}
    for slow, runs in product((False, True), repeat=2):
        known = {"slow": slow, "runs": runs}
        chosen = [lane for lane, marks in lanes.items() if eval(marks, {}, known)]
        assert chosen == ["test-slow" if slow else "test-runs" if runs else "test"], known
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in steps if line.startswith("make test")] == ["make test", "make test-runs"]


def test_constraints_pin_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)


def test_every_dependency_is_pinned() -> None:
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    }
    wanted = PROJECT["project"]["dependencies"]
    wanted = sum(PROJECT["project"]["optional-dependencies"].values(), wanted)
    assert {re.split(r"[\[=<>]", name)[0].lower() for name in wanted} <= pinned


def packages(line: str) -> set[str]:
    """What an install line names."""
    words = line.replace("sudo", "").replace(";", " ").split()
    return {w for w in words if not w.startswith("-")} - {
        "apt-get",
        "apt",
        "dnf",
        "pacman",
        "brew",
        "install",
    }


def install_lines() -> dict[str, set[str]]:
    """The packages of each system, from ``docs/install.md``."""
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    return {
        name.split(",")[0]: packages(line) for name, line in re.findall(r"^\| (.+?) \| `(.+?)`", text, re.M)
    }


def test_every_place_names_the_same_packages() -> None:
    """``tools/system-packages`` installs or says them, the docs and ``doctor`` tell them, the Dockerfile runs it."""
    tool = (ROOT / "tools" / "system-packages").read_text(encoding="utf-8")
    lines, debian = install_lines(), set(re.findall(r"^need (\S+)", tool, re.M))
    assert lines["Debian"] == debian
    said = {name: packages(line) for name, line in re.findall(r'echo "  (\w+): +(.+)" >&2', tool)}
    assert set(said) == {"Fedora", "Arch", "macOS"}
    assert said == {name: lines[name] for name in said}
    for finding in (doctor._CAIRO, doctor._PANGO, doctor._FONT, doctor._COMPILER):
        for system, name in (
            ("debian", "Debian"),
            ("fedora", "Fedora"),
            ("arch", "Arch"),
            ("macos", "macOS"),
        ):
            told = packages(finding[system].partition("; then")[0])
            assert told <= lines[name] | {"gcc"}, system

    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "tools/system-packages python3" in docker
    (named,) = re.findall(r"apt-get install \S+ --no-install-recommends (.+?) &&", docker)
    assert not packages(named) & debian
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / container["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"


def test_every_licence_is_told_and_a_citation_names_this_version() -> None:
    told = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    users = (
        PROJECT["project"]["optional-dependencies"][name]
        for name in ("farm", "slides", "xlsx", "hf", "voice")
    )
    needed = [*PROJECT["project"]["dependencies"], *(one for extra in users for one in extra)]
    names = {re.split(r"[^\w-]", one)[0] for one in needed}
    rows = {word for row in re.findall(r"^\| ([^|]+) \|", told, re.M) for word in re.findall(r"[\w-]+", row)}
    assert names - rows == set()
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['project']['version']}\nlicense: {PROJECT['project']['license']}\n" in cited


def test_what_a_report_is_asked_for_are_commands_that_there_are() -> None:
    """The templates of issues: each a form with a name, and what they tell to run runs."""
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
    assert len(forms) == 2
    for file in forms:
        text = file.read_text(encoding="utf-8")
        assert re.match(r"name: .+\ndescription: .+\nbody:\n", text), file.name
        for command in re.findall(r"`tensorreel ([a-z]+)", text):
            assert main.get_command(click.Context(main), command), command


def test_a_bill_of_materials_names_what_is_shipped_and_no_place_it_came_from() -> None:
    """``make sbom`` needs an index; what it makes of the tool's words does not."""
    tidied = runpy.run_path(str(ROOT / "tools" / "sbom"))["tidied"]
    ours = {"type": "distribution", "url": "file:///home/somebody/tensorreel"}
    index = {"type": "distribution", "url": "https://mirror.example/numpy.whl"}
    home, local = ({"type": "website", "url": url} for url in ("https://numpy.example", "file:///here"))
    bill = {
        "bomFormat": "CycloneDX",
        "components": [
            {"bom-ref": "a", "name": "tensorreel", "version": "1", "externalReferences": [ours]},
            {"bom-ref": "b", "name": "numpy", "version": "2", "externalReferences": [index, home, local]},
            {"bom-ref": "c", "name": "pip", "version": "3"},
        ],
        "dependencies": [{"ref": "a", "dependsOn": ["b", "c"]}, {"ref": "c"}, {"ref": "b"}],
    }
    assert tidied(bill) == {
        "bomFormat": "CycloneDX",
        "components": [
            {"bom-ref": "a", "name": "tensorreel", "version": "1"},
            {"bom-ref": "b", "name": "numpy", "version": "2", "externalReferences": [home]},
        ],
        "dependencies": [{"ref": "a", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": []}],
    }
    assert "tools/sbom" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make sbom" in (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")


def test_every_extra_is_told_and_tests_do_without_pytorch(tmp_path: Path) -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert not [name for name in extras["test"] if name.startswith("torch")]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert [name for name in extras["parity"] if name in pins] == extras["parity"]
    for file in (ROOT / "tests").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        names = {n.names[0].name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import)}
        assert "torch" not in names or re.search(r'importorskip\(\s*"torch"', text), file.name
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('not here', name='torch')\n")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "tests/test_parity.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 skipped" in ended.stdout, ended
    assert "no PyTorch to compare with" in ended.stdout


def test_the_source_distribution_holds_what_is_tested(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    wanted = set(known.split("\n")) - {""} or {"tests/conftest.py", "Makefile", "constraints.txt"}
    assert wanted <= held
    assert not [name for name in held if name.endswith((".pyc", ".so", ".o")) or "/build/" in name]


def test_no_place_of_one_machine_is_written_down() -> None:
    """No absolute home or checkout path, and no address of a package index, in what is built and configured."""
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        ".ci/run",
        "tools/system-packages",
        "tools/deck-tools",
        "tools/parity",
        "MANIFEST.in",
        "Dockerfile",
        ".dockerignore",
        ".devcontainer/devcontainer.json",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|file:|/home/|/work/|/root/", text), name
