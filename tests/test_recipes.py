"""The recipes of docs/automate.md and the action's script do what they say, in the programs that they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tensorreel.models import builtin_text

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "automate.md"
SCRIPT = ROOT / "tools" / "weights-report"
BLOCK = re.compile(r"^(`{3,})\w+\n# (\S+)\n(.*?)^\1$", re.M | re.S)
# What is called instead of the program: it says to whom, and writes what was asked for.
STUB = """#!/bin/sh
echo "$@" >>calls
for word; do last=$word; done
case $1 in render) echo "$@" >"$last" ;; diff) echo "stage 3  differs"; exit ${DIFF:-1} ;; esac
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


def snippets() -> dict[str, str]:
    """Each file of the page by its name."""
    return {name: text for _, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a model and every file of the page."""
    (tmp_path / "my.toml").write_text(builtin_text(), encoding="utf-8")
    for name, text in snippets().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def runner(place: Path, path: Path, **more: str) -> Run:
    """A run of a command in a folder, which finds ``tensorreel`` where it is said."""
    kept = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull}
    given = kept | {"TENSORREEL_QUALITY": "l", "TENSORREEL_PACE": "4"} | more

    def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(words, cwd=place, env=given, capture_output=True, text=True, check=False)
        assert not (check and ended.returncode), f"{ended.stdout}\n{ended.stderr}"
        return ended

    return run


@pytest.fixture
def stubbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ``tensorreel`` that only writes down how it was called."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "tensorreel").write_text(STUB)
    (folder / "tensorreel").chmod(0o755)
    return folder


REAL = Path(sys.executable).parent
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c")


def calls(place: Path) -> list[str]:
    return (place / "calls").read_text().splitlines()


def committed(run: Run) -> None:
    run("git", "init", "-q")
    run("git", "add", "my.toml")
    run(*GIT, "commit", "-qm", "as it was")


# ---- Make, and the action's script -----------------------------------------------------------------------
@pytest.mark.skipif(not shutil.which("make"), reason="no make")
def test_make_renders_what_is_older_than_the_model(place: Path, stubbed: Path) -> None:
    run = runner(place, stubbed)
    run("make")
    wanted = [f"render {stage} --model my.toml -o {stage}.gif" for stage in ("attn-weights", "probs")]
    assert sorted(calls(place)) == wanted
    run("make")
    assert len(calls(place)) == 2
    os.utime(place / "my.toml", (2**32, 2**32))
    run("make")
    assert len(calls(place)) == 4


@pytest.mark.skipif(not shutil.which("git"), reason="no git")
class TestReport:
    """``tools/weights-report`` in a repository."""

    def test_a_change_has_a_clip_and_a_table(self, place: Path, stubbed: Path) -> None:
        run = runner(place, stubbed)
        committed(run)
        ended = run(str(SCRIPT), "my.toml", "probs", "HEAD", "out", "--lang", "de")
        assert ended.stdout == "changed=true\n"
        assert re.fullmatch(r"diff /\S+/my.toml my.toml", calls(place)[0])
        assert calls(place)[1:] == ["render probs --model my.toml --lang de -o out/probs.gif"]
        assert "```text\nstage 3  differs\n```" in (place / "out" / "report.md").read_text()

    def test_the_same_numbers_have_none(self, place: Path, stubbed: Path) -> None:
        run = runner(place, stubbed, DIFF="0")
        committed(run)
        assert run(str(SCRIPT), "my.toml", "probs", "HEAD", "out").stdout == "changed=false\n"
        assert [path.name for path in (place / "out").iterdir()] == ["report.md"]
        assert "Every printed number is the same." in (place / "out" / "report.md").read_text()

    def test_a_model_that_is_new_is_not_compared(self, place: Path, stubbed: Path) -> None:
        run = runner(place, stubbed)
        committed(run)
        shutil.copy(place / "my.toml", place / "new.toml")
        run(str(SCRIPT), "new.toml", "probs", "HEAD", "out")
        assert calls(place) == ["render probs --model new.toml -o out/probs.gif"]
        assert "new.toml is new" in (place / "out" / "report.md").read_text()

    def test_an_error_is_one(self, place: Path, stubbed: Path) -> None:
        run = runner(place, stubbed, DIFF="2")
        committed(run)
        ended = run(str(SCRIPT), "my.toml", "probs", "HEAD", "out", check=False)
        assert ended.returncode == 2
        assert ended.stderr == "stage 3  differs\n"
        assert not (place / "out" / "probs.gif").exists()

    @pytest.mark.slow
    def test_with_the_program_itself(self, place: Path) -> None:
        run = runner(place, REAL)
        committed(run)
        text = (place / "my.toml").read_text(encoding="utf-8")
        (place / "my.toml").write_text(text.replace("W_1 = [", "W_1 = [ # another", 1), encoding="utf-8")
        assert run(str(SCRIPT), "my.toml", "probs", "HEAD", "out").stdout == "changed=false\n"
        changed = text.replace("causal = false", "causal = true")
        assert changed != text
        (place / "my.toml").write_text(changed, encoding="utf-8")
        assert run(str(SCRIPT), "my.toml", "query", "HEAD", "out").stdout == "changed=true\n"
        assert (place / "out" / "query.gif").read_bytes().startswith(b"GIF8")


def test_the_action_calls_the_script_and_the_page_the_action() -> None:
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert '"$HERE/tools/weights-report" "$MODEL" "$STAGE" "$BASE" "$folder"' in action
    scripts = re.findall(r"run: \|\n((?: {8}.*\n)+)", action)
    assert len(scripts) == 3
    assert not [script for script in scripts if "${{" in script], "what is given reaches no shell as code"
    inputs = set(re.findall(r"^  (\w+):$", action.partition("inputs:")[2].partition("outputs:")[0], re.M))
    assert set(re.findall(r"inputs\.(\w+)", action)) == inputs
    for workflow in (snippets()[".github/workflows/weights.yml"], *map(Path.read_text, workflows())):
        given = workflow.rpartition("with:")[2]
        assert set(re.findall(r"^ +(\w+):", given, re.M)) <= inputs


def workflows() -> list[Path]:
    return [*(ROOT / ".github" / "workflows").glob("*.yml")]


# ---- the others, with the program itself -------------------------------------------------------------------
def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"no {program}")


@pytest.mark.slow
@needs("dvc")
def test_dvc_runs_a_stage_once(place: Path) -> None:
    run = runner(place, REAL)
    run("git", "init", "-q")
    run("dvc", "init", "-q")
    run("dvc", "repro")
    assert (place / "attn-weights.gif").is_file()
    assert "didn't change, skipping" in run("dvc", "repro").stdout


@pytest.mark.slow
@needs("snakemake")
def test_snakemake_makes_the_clip_once(place: Path) -> None:
    run = runner(place, REAL)
    run("snakemake", "--cores", "1")
    assert (place / "attn-weights.gif").is_file()
    assert "Nothing to be done" in run("snakemake", "--cores", "1").stderr


@pytest.mark.slow
@needs("pre-commit")
def test_pre_commit_refuses_a_model_that_cannot_be_read(place: Path) -> None:
    run = runner(place, REAL)
    committed(run)
    assert "Passed" in run("pre-commit", "run", "--all-files").stdout
    (place / "my.toml").write_text("tokens = 3")
    ended = run("pre-commit", "run", "--all-files", check=False)
    assert ended.returncode == 1
    assert "my.toml: " in ended.stdout


@pytest.mark.slow
@needs("quarto")
def test_quarto_renders_before_its_pages(place: Path) -> None:
    (place / "index.qmd").write_text("{{< video attn-weights.mp4 >}}\n")
    runner(place, REAL)("quarto", "render")
    assert (place / "attn-weights.mp4").is_file()


@pytest.mark.slow
def test_mkdocs_has_the_clip_in_its_site(place: Path) -> None:
    pytest.importorskip("mkdocs", reason="no MkDocs: the extra tensorreel[docs]")
    (place / "docs").mkdir()
    (place / "docs" / "index.md").write_text("![](attn-weights.gif)\n")
    runner(place, REAL)(sys.executable, "-m", "mkdocs", "build", "--strict")
    assert (place / "site" / "attn-weights.gif").is_file()


@pytest.mark.slow
@needs("jupyter-book")
def test_jupyter_book_shows_the_clip(place: Path) -> None:
    (place / "_config.yml").write_text("title: lecture\nexecute: {execute_notebooks: force, timeout: 300}\n")
    (place / "_toc.yml").write_text("format: jb-book\nroot: lecture\n")
    kernel = place / "kernels" / "python3" / "kernel.json"  # this environment, whichever one the book's is
    kernel.parent.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": start, "display_name": "Python", "language": "python"}))
    runner(place, REAL, JUPYTER_PATH=str(place))("jupyter-book", "build", ".")
    page = (place / "_build" / "html" / "lecture.html").read_text(encoding="utf-8")
    assert 'src="data:image/gif;base64,' in page
