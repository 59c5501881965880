"""Our renderer against stock Manim: the same scenes, alternating, one process each.

    python -m benchmarks.run [--sizes h m] [--stages query …] [--film] [--write]

Every run is a process of its own, forked after Manim and the scenes are imported: wall time, CPU time of all
its threads, peak memory and file size are that run's alone. Our whole film is always made, from an empty
cache; ``--film`` adds stock's 20 scenes one after the other, at the first size, and the likeness of every scene: half an
hour in all. ``--write`` puts each line into ``benchmarks/README.md`` as soon as it is known. Quote ratios: seconds belong
to the machine and its mood.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import inside
from benchmarks.measure import Measured, command, in_a_process, our_film, ours, stock, together
from tensorreel import scenes
from tensorreel.core.engine import Trace, forward
from tensorreel.film.draw import manim_setup, native
from tensorreel.film.job.picture import GIF_PICTURE, QUALITIES, Picture
from tensorreel.models import tiny_model

HERE = Path(__file__).parent
STAGES = ("query", "attn_scores", "attn_weights", "concat", "attn_norm", "probs")
HEAD = (
    "| scene | film s | stock wall | stock CPU | ours wall | ours CPU | × wall | × CPU | × real time "
    "| MB (stock) | peak MB (stock) |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)
Pair = tuple[Measured, Measured]


def kebab(name: str) -> str:
    """A scene's name as on the command line."""
    return name.replace("_", "-")


def pair(name: str, trace: Trace, picture: Picture) -> Pair:
    """Stock, then ours."""
    return in_a_process(lambda: stock(name, trace, picture)), in_a_process(lambda: ours(name, trace, picture))


def row(name: str, a: Measured, b: Measured) -> str:
    """Seconds are given per second of film."""
    cells = [name, f"{b.film:.1f}", *(f"{x / b.film:.2f}" for x in (a.wall, a.cpu, b.wall, b.cpu))]
    cells += [f"{a.wall / b.wall:.1f}", f"{a.cpu / b.cpu:.1f}", f"{b.film / b.wall:.1f}"]
    cells += [f"{b.size / 1e6:.1f} ({a.size / 1e6:.1f})", f"{b.memory / 1e6:.0f} ({a.memory / 1e6:.0f})"]
    return "| " + " | ".join(cells) + " |"


def against_stock(
    trace: Trace, picture: Picture, stages: Sequence[str], whole: bool
) -> Iterator[tuple[str, Pair]]:
    """A line for each stage, for all scenes in one process each, and for the film (all of ours at once)."""
    names = scenes.film() if whole else tuple(stages)
    pairs = {}
    for name in names:
        pairs[name] = pair(name, trace, picture)
        if name in stages:
            yield row(kebab(name), *pairs[name]), pairs[name]
    first, second = (together([p[i] for p in pairs.values()]) for i in (0, 1))
    title = f"all {len(names)}" if whole else "these together"
    yield row(f"{title}, one process", first, second), (first, second)
    film = in_a_process(lambda: our_film(names, trace, picture))
    yield row(f"**{title}, {os.cpu_count()} processes, joined**", first, film), (first, film)


def whole_film(film: Measured, stocks: Measured | None) -> str:
    """Our film of all scenes, and how stock's scenes one after the other compare, if they were made."""
    line = (
        f"The whole film: {film.film:.1f} s, made in {film.wall:.1f} s ({film.cpu:.1f} s of CPU) from an empty "
        f"cache: {film.film / film.wall:.1f} × real time, {film.size / 1e6:.1f} MB."
    )
    if stocks is None:
        return line
    return (
        f"{line} Stock's scenes, one after the other, take {stocks.wall:.1f} s: **{stocks.wall / film.wall:.1f} × as "
        f"long**; ours has {film.size / stocks.size:.2f} × their size."
    )


def splits(trace: Trace, picture: Picture, stages: Sequence[str]) -> Iterator[str]:
    """Where our CPU time goes, and the distance to the floor."""
    yield "| stage | " + " | ".join((*inside.PARTS, "storyboard")) + " | all ÷ encoding |"
    yield "|---|" + "---|" * (len(inside.PARTS) + 2)
    sums: dict[str, float] = {}
    for name in stages:
        spent = inside.split(name, trace, picture)
        sums = {part: sums.get(part, 0.0) + s for part, s in spent.items()}
        yield _shares(kebab(name), spent)
    yield _shares("**together**", sums)


def _shares(name: str, spent: dict[str, float]) -> str:
    total = sum(spent.values())
    shares = [f"{s:.2f} s ({s / total:.0%})" for s in spent.values()]
    return f"| {name} | " + " | ".join(shares) + f" | {total / spent['encoding']:.1f} |"


def other_paths(trace: Trace) -> Iterator[str]:
    """GIF and 4K, which use the same frames."""
    yield "| path | film s | wall s | CPU s | CPU per s of film | MB |"
    yield "|---|---|---|---|---|---|"
    for title, form, picture in (
        ("GIF 960×540, 20 fps", "gif", GIF_PICTURE),
        ("4K60", "mp4", QUALITIES["k"]),
    ):
        for name in ("query", "concat"):
            run = in_a_process(lambda name=name, f=form, p=picture: ours(name, trace, p, f))  # type: ignore[misc]
            yield (
                f"| {kebab(name)}, {title} | {run.film:.1f} | {run.wall:.1f} | {run.cpu:.1f} "
                f"| {run.cpu / run.film:.2f} | {run.size / 1e6:.1f} |"
            )


def likeness(trace: Trace, picture: Picture, stages: Sequence[str]) -> Iterator[str]:
    """Decoded frames against drawn ones; a hold's residue is in levels of 255, where the drawing is flat."""
    yield "| stage | lowest SSIM | pictures compared | lowest SSIM of a hold | largest residue | holds |"
    yield "|---|---|---|---|---|---|"
    for name in stages:
        found = inside.likeness(name, trace, picture)
        cells = (f"{found.lowest:.4f}", found.count, f"{found.lowest_held:.4f}", found.residue, found.holds)
        yield f"| {kebab(name)} | {' | '.join(map(str, cells))} |"


def answers() -> Iterator[str]:
    """Whole commands from a cold process."""
    yield "| command | median wall s |"
    yield "|---|---|"
    for words in (
        ("render", "attn-weights", "--format", "png", "--force"),
        ("list",),
        ("show", "attn-weights"),
        ("--help",),
        ("render", "sofmax"),
    ):
        yield f"| `tensorreel {' '.join(words)}` | {command(*words):.2f} |"


def machine() -> str:
    """What this ran on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [x.split(":")[1].strip() for x in lines if x.startswith("model name")]
    kernel = "with" if native.kernel is not None else "without"
    return (
        f"{os.cpu_count()} cores, {names[0] if names else platform.processor()}, {platform.system()}, "
        f"Python {platform.python_version()}, Manim {version('manim')}, {kernel} the compiled kernel"
    )


def sections(trace: Trace, chosen: argparse.Namespace) -> Iterator[str]:
    """The lines of the report, as they are found out."""
    yield from ("# Speed", "", "Written by `make bench`. " + machine() + ".", "")
    yield "Stock is Manim as installed, on the same scenes; wall and CPU are seconds per second of film."
    for at, size in enumerate(chosen.sizes):
        picture = QUALITIES[size]
        yield from ("", f"## {picture.width}×{picture.height}, {picture.fps} frames per second", "", *HEAD)
        ratios, whole = [], chosen.film and not at
        for line, (a, b) in against_stock(trace, picture, chosen.stages, whole):
            ratios.append(a.cpu / b.cpu)
            yield line
        yield ""
        yield f"Median ratio of CPU time, scene by scene: {statistics.median(ratios[:-2]):.1f}."
        film = b if whole else in_a_process(lambda p=picture: our_film(scenes.film(), trace, p))  # type: ignore[misc]
        yield whole_film(film, a if whole else None)
    yield from ("", "## GIF and 4K", "")
    yield from other_paths(trace)
    # What follows runs in this process. A library that has started threads in it may hang in a process forked later.
    picture = QUALITIES[chosen.sizes[0]]
    yield from ("", "## Where our time goes", "", "CPU seconds; `encoding` alone is the floor.", "")
    yield from splits(trace, picture, chosen.stages)
    yield from ("", "## Decoded frames against drawn ones", "")
    yield from likeness(trace, picture, scenes.film() if chosen.film else chosen.stages)
    yield from ("", "## First picture, and answers without one", "")
    yield from answers()


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", nargs="+", choices=list(QUALITIES), default=["h", "m"])
    parser.add_argument("--stages", nargs="+", default=list(STAGES), type=lambda s: s.replace("-", "_"))
    parser.add_argument(
        "--film",
        action="store_true",
        help="stock's whole film too, at the first size, and every scene's likeness",
    )
    parser.add_argument("--write", action="store_true", help="put the result into benchmarks/README.md")
    chosen = parser.parse_args()
    manim_setup.import_manim()
    model = tiny_model()
    lines = []
    for line in sections(forward(model, model.tokens), chosen):
        print(line, flush=True)
        lines.append(line)
        if chosen.write:  # line by line, so that a run that is cut short leaves what it found
            (HERE / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
