"""Our renderer against stock Manim: the same scenes, alternating, one process each.

    python benchmarks/run.py [--quality h] [--write] [STAGE ...]

Every run is a process of its own, forked after Manim and the scenes are imported: wall time, CPU time of all
its threads, peak memory and file size are that run's alone. ``--write`` puts the table into
``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tensorreel.engine import Trace, forward
from tensorreel.film import boot
from tensorreel.film.job import Job, make
from tensorreel.film.picture import QUALITIES, Picture
from tensorreel.model import Model
from tensorreel.visuals.options import SceneOptions

HERE = Path(__file__).parent
STAGES = ("query", "attn_scores", "attn_weights", "concat", "attn_norm", "probs")


@dataclass(frozen=True)
class Measured:
    """One run: seconds of film, wall and CPU seconds, peak memory and file size in bytes."""

    film: float
    wall: float
    cpu: float
    memory: int
    size: int


def in_a_process(work: Callable[[], tuple[float, int]]) -> Measured:
    """Run ``work`` (which returns seconds of film and bytes) in a forked process and measure it."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        film, size = work()
        os.write(writer, f"{film} {size}".encode())
        os._exit(0)
    os.close(writer)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    with os.fdopen(reader) as answer:
        told = answer.read().split()
    if status or not told:
        raise RuntimeError(f"a run failed with status {status}")
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(float(told[0]), wall, cpu, usage.ru_maxrss * 1024, int(told[1]))


def ours(name: str, trace: Trace, picture: Picture) -> tuple[float, int]:
    """One clip with our renderer."""
    with tempfile.TemporaryDirectory() as folder:
        clip = make(Job(name, trace, SceneOptions(), picture, "mp4", Path(folder) / "clip.mp4"))
        return clip.seconds, clip.path.stat().st_size


def stock(name: str, trace: Trace, picture: Picture) -> tuple[float, int]:
    """The same clip with Manim as installed: its own renderer, encoder and cache."""
    from manim import config

    from tensorreel import scenes
    from tensorreel.film import patches

    patches.undo()
    with tempfile.TemporaryDirectory() as folder, boot.manim_settings(picture, Path(folder)):
        config.dry_run = False
        config.disable_caching = False
        scene = scenes.find(name)(trace=trace, options=SceneOptions())
        scene.render()
        return float(scene.time), Path(scene.renderer.file_writer.movie_file_path).stat().st_size


def table(stages: list[str], picture: Picture) -> list[str]:
    """The lines of the result, as a Markdown table."""
    model = Model.tiny()
    trace = forward(model, model.tokens)
    lines = [
        "| stage | film s | stock wall | stock CPU | ours wall | ours CPU | × wall | × CPU | × real time | MB (stock) | peak MB (stock) |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    totals: list[tuple[Measured, Measured]] = []
    for name in stages:
        a = in_a_process(lambda name=name: stock(name, trace, picture))  # type: ignore[misc]
        b = in_a_process(lambda name=name: ours(name, trace, picture))  # type: ignore[misc]
        totals.append((a, b))
        lines.append(_row(name.replace("_", "-"), a, b))
        print(lines[-1], flush=True)
    if len(totals) > 1:
        sums = [_sum([pair[i] for pair in totals]) for i in (0, 1)]
        lines.append(_row("**together**", *sums))
    return lines


def _sum(runs: list[Measured]) -> Measured:
    return Measured(
        sum(r.film for r in runs),
        sum(r.wall for r in runs),
        sum(r.cpu for r in runs),
        max(r.memory for r in runs),
        sum(r.size for r in runs),
    )


def _row(name: str, a: Measured, b: Measured) -> str:
    cells = [name, f"{b.film:.1f}", f"{a.wall:.1f}", f"{a.cpu:.1f}", f"{b.wall:.1f}", f"{b.cpu:.1f}"]
    cells += [f"{a.wall / b.wall:.1f}", f"{a.cpu / b.cpu:.1f}", f"{b.film / b.wall:.1f}"]
    cells += [f"{b.size / 1e6:.1f} ({a.size / 1e6:.1f})", f"{b.memory / 1e6:.0f} ({a.memory / 1e6:.0f})"]
    return "| " + " | ".join(cells) + " |"


def machine() -> str:
    """What this ran on."""
    info = Path("/proc/cpuinfo")
    names = [x.split(":")[1].strip() for x in info.read_text().splitlines() if x.startswith("model name")]
    cpu = names[0] if names else platform.processor()
    return f"{os.cpu_count()} cores, {cpu}, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("stages", nargs="*", default=list(STAGES))
    parser.add_argument("--quality", choices=list(QUALITIES), default="h")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    chosen = parser.parse_args()
    boot.import_manim()
    picture = QUALITIES[chosen.quality]
    title = f"{picture.width}×{picture.height}, {picture.fps} frames per second; {machine()}"
    print(title)
    lines = table([s.replace("-", "_") for s in chosen.stages], picture)
    if chosen.write:
        text = [
            "# Speed",
            "",
            "`make bench`; one process per run, stock and ours in turn.",
            "",
            title,
            "",
            *lines,
        ]
        (HERE / "README.md").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
