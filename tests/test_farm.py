"""Clips from other machines: by any executor, and by a Dask cluster of processes of which one is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import pytest
from tensorreel.scenes import around

from tensorreel.core.errors import EnvironmentProblem, Incomplete, TensorreelError
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Job, Progress
from tensorreel.film.keep import fingerprint
from tensorreel.film.make.backend import Noted
from tensorreel.film.run import farm
from tensorreel.film.run.farm import Failure, Lost, Parcel, errand, unpacked
from tensorreel.film.run.production import RunOptions, make_clips, make_film
from tensorreel.models import tiny_model
from tensorreel.words.languages import LANGUAGES
from tests.harness import assert_one_line, but_progress, listed, run, send, struck
from tests.stub import STUB, draw, expected, jobs_for

pytestmark = pytest.mark.runs
NAMES = ("query", "key")


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def dying(job: Job, progress: Progress) -> Noted:
    """Dies without a word where the folder ``MARK`` is empty, and leaves a mark there."""
    marks = Path(os.environ["MARK"])
    if job.scene == "key" and not list(marks.iterdir()):
        (marks / "1").touch()
        struck(signal.SIGKILL)
    return draw(job, progress)


def always_dying(job: Job, progress: Progress) -> Noted:
    """Never gets anywhere."""
    if job.scene == "key":
        os._exit(3)
    return draw(job, progress)


def slow(job: Job, progress: Progress) -> Noted:
    """Says which process works on it, and takes its time."""
    Path(os.environ["MARK"], f"{job.scene}-{os.getppid()}").touch()
    time.sleep(1.0)
    return draw(job, progress)


def test_clips_come_back_as_bytes_with_their_digests(quick: Path, executor: ThreadPoolExecutor) -> None:
    jobs = jobs_for(tiny_model(), quick / "out", NAMES)
    orders = RunOptions(cache=quick / "cache", backend=STUB, scheduler=executor)
    make_clips(jobs, orders=orders)
    for job in jobs:
        assert job.target.read_bytes() == expected(job)
    assert listed(quick / "cache" / "work") == []
    make_clips(jobs, orders=replace(orders, scheduler="tcp://nobody"))  # kept: nobody is asked


def test_a_process_that_is_lost_is_sent_again(
    quick: Path, executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (quick / "marks").mkdir()
    monkeypatch.setenv("MARK", str(quick / "marks"))
    jobs = jobs_for(tiny_model(), quick / "out", NAMES)
    backend = replace(STUB, draw=dying)
    make_clips(jobs, orders=RunOptions(cache=quick / "cache", backend=backend, scheduler=executor))
    for job in jobs:
        assert job.target.read_bytes() == expected(job)
    backend = replace(STUB, draw=always_dying)
    with pytest.raises(
        Incomplete, match=r"1 of 2 not rendered \(key\): lost on the cluster twice \(Lost: exit code 3\)"
    ):
        make_clips(jobs, orders=RunOptions(backend=backend, scheduler=executor))


def parcel(job: Job) -> Parcel:
    answer = errand(draw, job)
    assert isinstance(answer, Parcel), answer
    return answer


def test_what_was_damaged_or_drawn_on_other_ground_is_refused(quick: Path) -> None:
    (job,) = jobs_for(tiny_model(), quick / "out", NAMES[:1])
    sent, parts = parcel(job), farm.made_under(job)
    assert unpacked(sent, job, parts).clip is not None
    assert job.target.read_bytes() == expected(job)
    job.target.unlink()
    with pytest.raises(TensorreelError, match="damaged on its way"):
        unpacked(replace(sent, data=sent.data[:-1]), job, parts)
    for name in ("code", "font", "libraries", "translation"):
        with pytest.raises(EnvironmentProblem, match=f"the cluster's {name}: not the same as here"):
            unpacked(replace(sent, parts={**sent.parts, name: "other"}), job, parts)
    with pytest.raises(EnvironmentProblem, match="query: code saved on the cluster while it was drawn"):
        unpacked(replace(sent, parts={}), job, parts)
    assert not job.target.exists()


def failing(job: Job, progress: Progress) -> Noted:
    """Says why."""
    raise EnvironmentProblem("nothing, expected something")


def noisy(job: Job, progress: Progress) -> Noted:
    """Prints what must not get into the answer."""
    os.write(1, b"hello")
    print("hello")
    return draw(job, progress)


def test_a_failure_comes_back_with_its_exit_code(quick: Path) -> None:
    (job,) = jobs_for(tiny_model(), quick / "out", NAMES[:1])
    answer = errand(failing, job)
    assert isinstance(answer, Failure)
    assert (answer.error, answer.exit_code) == ("nothing, expected something", 4)
    assert isinstance(errand(noisy, job), Parcel)
    with pytest.raises(Lost, match="exit code 3"):
        errand(always_dying, replace(job, scene="key"))


def test_a_cluster_that_does_not_answer_is_one_line(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(farm, "_CONNECT", 0.3)
    args = ("render", "3", "-q", "l", "--cache-dir", "cache", "--scheduler")
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        line = assert_one_line(run(*args, address, cwd=quick), 4)
        assert line.startswith(f"{address}: ")


# ---- the command of docs/farm.md --------------------------------------------------------------------------
DOCS = Path(__file__).parents[1] / "docs" / "farm.md"


def of_the_docs(begins: str) -> list[str]:
    """The words of the only command in the page on many machines that begins so."""
    (command,) = re.findall(rf"^({begins} [^#\n]*)", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    words: list[str] = command.split()
    return words


def test_the_command_of_the_docs_is_every_layer_head_and_language(quick: Path) -> None:
    """Each stage of a layer once for each layer, each that has heads once for each head; all in each language."""
    config = tiny_model().config
    clips = len(around())
    for stage in ARTICLE.stages:
        layers = config.n_layers if stage.scope == "layer" else 1
        clips += layers * (config.n_heads if "h" in re.findall(r"\w+", f"{stage.dims}") else 1)
    ended = run(*of_the_docs("tensorreel")[1:], "-n", "--cache-dir", "cache", cwd=quick)
    assert (ended.code, ended.err) == (0, "")
    lines, many = ended.out.splitlines(), len(LANGUAGES) * clips
    assert lines[-1] == f"{many} of {many} to render, 0 up to date"
    assert sum(line.startswith("context-layer-2-head-2-ja: ") for line in lines) == 1
    assert len(set(lines)) == len(lines)


# ---- a real cluster -----------------------------------------------------------------------------------------
@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import distributed

    monkeypatch.setenv("MARK", str(tmp_path / "marks"))
    (tmp_path / "marks").mkdir()
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=2,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as made:
        yield made


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_of_processes_one_of_which_is_killed(
    cluster: Any, quick: Path, tmp_path: Path
) -> None:
    jobs = jobs_for(
        tiny_model(), quick / "out", ("query", "key", "value", "attn_scores", "attn_weights", "context")
    )
    backend = replace(STUB, draw=slow)
    killed: list[int] = []

    def ready(clip: Any) -> None:
        if not killed:
            pids = {int(p.name.rpartition("-")[2]) for p in (tmp_path / "marks").iterdir()}
            killed.append(sorted(pids)[0])
            send(killed[0], signal.SIGKILL)

    address = cluster.scheduler_address
    assert address.startswith("tcp://")
    make_clips(
        jobs, orders=RunOptions(cache=quick / "cache", backend=backend, scheduler=address, ready=ready)
    )
    assert killed
    for job in jobs:
        assert job.target.read_bytes() == expected(job)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_draws_the_clips_that_we_draw(cluster: Any, tmp_path: Path) -> None:
    from tensorreel.core.engine import forward
    from tensorreel.film.job.picture import Picture
    from tensorreel.visuals.look.options import SceneOptions

    options, picture = SceneOptions(pace=4.0), Picture(320, 180, 10)
    trace = forward(tiny_model())
    films = []
    for place, scheduler in (("here", None), ("there", cluster.scheduler_address)):
        jobs = [
            Job(n, trace, options, picture, "mp4", tmp_path / place / f"{n}.mp4") for n in ("query", "probs")
        ]
        frames = make_film(jobs, tmp_path / f"{place}.mp4", orders=RunOptions(scheduler=scheduler))
        with av.open(str(tmp_path / f"{place}.mp4")) as container:
            assert sum(1 for _ in container.decode(video=0)) == frames
        films.append((tmp_path / f"{place}.mp4").read_bytes())
    assert films[0] == films[1]
    assert fingerprint.font_digest(None, "en")


# ---- a farm as docs/farm.md tells how to make one --------------------------------------------------------------
@dataclass
class Farm:
    """A scheduler and two workers, each started with the command of docs/farm.md; any may be lost."""

    address: str
    workers: list[subprocess.Popen[bytes]]


def begun(words: Sequence[str], folder: Path, **how: Any) -> subprocess.Popen[Any]:
    """A command in a folder, in a group of processes of its own."""
    program = str(Path(sys.executable).with_name(words[0]))
    return subprocess.Popen(
        [program, *words[1:]], cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True, **how
    )


@pytest.fixture
def farmhouse(tmp_path: Path) -> Iterator[Farm]:
    file, started = tmp_path / "scheduler.json", []
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        words = [*of_the_docs("dask scheduler"), "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        started.append(begun([*words, "--scheduler-file", str(file)], tmp_path, **quiet))
        while not file.exists():
            assert started[0].poll() is None
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        words = [address if "HOST" in word else word for word in of_the_docs("dask worker")]
        started += [begun([*words, "--nthreads", "2", "--no-dashboard"], tmp_path, **quiet) for _ in range(2)]
        yield Farm(address, started[1:])
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                send(process.pid, signal.SIGKILL, group=True)
            process.wait()


@pytest.mark.slow
def test_the_command_of_the_docs_on_a_farm_that_loses_a_machine(farmhouse: Farm, tmp_path: Path) -> None:
    """Of one stage: eight clips, the bytes that this machine alone makes."""
    words = [farmhouse.address if "HOST" in word else word for word in of_the_docs("tensorreel")]
    words += ["attn-weights", "-q", "l", "--pace", "10", "--cache-dir", "cache"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    for name in ("farmed", "alone"):
        (tmp_path / name).mkdir()
    farmed = begun(words, tmp_path / "farmed", **pipes)
    while not list((tmp_path / "farmed").glob("cache/clips/[!.]*.json")):
        assert farmed.poll() is None, farmed.communicate()
        time.sleep(0.05)
    send(farmhouse.workers[0].pid, signal.SIGKILL, group=True)
    assert farmed.poll() is None
    out, err = farmed.communicate(timeout=600)
    assert (farmed.returncode, but_progress(err)) == (0, "")

    at = words.index("--scheduler")
    alone = begun(words[:at] + words[at + 2 :], tmp_path / "alone", **pipes)
    theirs, err = alone.communicate(timeout=600)
    assert (theirs, but_progress(err)) == (out, "")
    assert out.split() == [
        f"renders/07-attn-weights-layer-{layer}-head-{head}-{lang}.mp4"
        for lang in LANGUAGES
        for layer in (1, 2)
        for head in (1, 2)
    ]
    for name in out.split():
        assert (tmp_path / "farmed" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
