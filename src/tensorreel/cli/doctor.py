"""``tensorreel doctor``: what is installed, what is missing, and the line that installs it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from tensorreel.cli.asked import settings
from tensorreel.cli.asked.options import json_option
from tensorreel.core.errors import TensorreelError

PIP = "pip install -c constraints.txt ."


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked for: its version or place if it is there, how to get it if it is not."""

    name: str
    found: str | None
    required: bool
    install: dict[str, str]


def _system_lines(debian: str, fedora: str, arch: str, mac: str, windows: str = PIP) -> dict[str, str]:
    return {
        "debian": f"apt install {debian}",
        "fedora": f"dnf install {fedora}",
        "arch": f"pacman -S {arch}",
        "macos": f"brew install {mac}",
        "windows": windows,
    }


_PIP = dict.fromkeys(("debian", "fedora", "arch", "macos", "windows"), PIP)
_CAIRO = _system_lines("libcairo2-dev pkg-config", "cairo-devel pkgconf", "cairo pkgconf", "cairo pkg-config")
_PANGO = _system_lines(
    "libpango1.0-dev pkg-config", "pango-devel pkgconf", "pango pkgconf", "pango pkg-config"
)
_COMPILER = {
    system: f"{line}; then pip install --force-reinstall --no-deps ."
    for system, line in _system_lines(
        "gcc python3-dev", "gcc python3-devel", "gcc", "gcc", "a C compiler (Visual Studio Build Tools)"
    ).items()
}
_ESPEAK = _system_lines("espeak-ng", "espeak-ng", "espeak-ng", "espeak-ng", "espeak-ng (its installer)")
_FONT = _system_lines(
    "fonts-noto-cjk",
    "google-noto-sans-cjk-fonts",
    "noto-fonts-cjk",
    "--cask font-noto-sans-cjk-jp",
    "the Japanese language feature (Yu Gothic), or --font FILE",
)


def _package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _quietly(look: Callable[[], str | None]) -> str | None:
    """What ``look`` finds, or nothing where the library is missing or broken."""
    try:
        return look()
    except (ImportError, OSError, AttributeError, ValueError):
        return None


def _cairo() -> str | None:
    import cairo

    return str(cairo.cairo_version_string())


def _pango() -> str | None:
    import manimpango

    return str(manimpango.pango_version())


def _x264() -> str | None:
    import av

    codec = av.codec.Codec("libx264", "w")
    version = ".".join(map(str, av.library_versions["libavcodec"]))
    return f"{codec.name} (libavcodec {version})"


def _voice() -> str | None:
    """What speaks: a program, a package or both."""
    from tensorreel.voice.espeak import Espeak

    found = []
    with suppress(TensorreelError):
        found.append(Espeak().identity)
    if piper := _package("piper-tts"):
        found.append(f"piper-tts {piper}")
    return ", ".join(found) or None


def _quick() -> str | None:
    from tensorreel.film.draw import manim_setup

    manim_setup.import_manim()
    from tensorreel.film.draw import patches

    return "on" if patches.unfit() is None else None


def _kernel() -> str | None:
    from tensorreel.film.draw import native

    return "on" if native.kernel is not None else None


def findings(font: str | None = None) -> list[Diagnosis]:
    """Everything the film needs, in the order of a new machine."""
    return [
        Diagnosis("python", platform.python_version(), True, {}),
        Diagnosis("cairo", _quietly(_cairo), True, _CAIRO),
        Diagnosis("pango", _quietly(_pango), True, _PANGO),
        Diagnosis("manim", _package("manim"), True, _PIP),
        Diagnosis("av", _package("av"), True, _PIP),
        Diagnosis("x264", _quietly(_x264), True, _PIP),
        Diagnosis("typst", _package("typst"), True, _PIP),
        Diagnosis("harfbuzz", _package("uharfbuzz"), True, _PIP),
        Diagnosis("font", _font(font), True, _FONT),
        Diagnosis("kernel", _kernel(), False, _COMPILER),
        Diagnosis("fast frames", _quietly(_quick), False, dict.fromkeys(_PIP, "pip install 'manim==0.22.*'")),
        Diagnosis("voice", _quietly(_voice), False, _ESPEAK),
    ]


def _font(path: str | None) -> str | None:
    from tensorreel.visuals.lettering.fontfiles import resolve_font

    try:
        choice = resolve_font(path)
    except TensorreelError:
        return None
    return f"{choice.name} ({choice.path})"


def _set(ctx: click.Context) -> list[Diagnosis]:
    """The options that are set for some command, each once where it is the same for all."""
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    commands = {name: group.get_command(ctx, name) for name in group.list_commands(ctx)}
    told = settings.everywhere({name: command for name, command in commands.items() if command})
    return [Diagnosis(name, f"{one.value} (set by {one.source})", False, {}) for name, one in told.items()]


def this_system() -> str:
    """``debian``, ``fedora``, ``arch``, ``macos`` or ``windows``: whose install line to print."""
    if sys.platform == "darwin":
        return "macos"
    if os.name == "nt":
        return "windows"
    release = Path("/etc/os-release")
    text = release.read_text(encoding="utf-8") if release.exists() else ""
    if "ID=arch" in text or "ID_LIKE=arch" in text:
        return "arch"
    return "fedora" if any(name in text for name in ("fedora", "rhel")) else "debian"


@click.command()
@click.option("--font", type=click.Path(), metavar="FILE", help="Check this font file instead.")
@json_option("Print JSON for programs.")
@click.pass_context
def doctor(ctx: click.Context, font: str | None, as_json: bool) -> int:
    """Say what is installed, which font will be used, what is missing and the line that installs it.

    Then which options are set by a file or the environment, and by which. Ends with exit code 4 if something required
    is missing.
    """
    found, system = [*findings(font), *_set(ctx)], this_system()
    missing = [f for f in found if f.found is None and f.required]
    if as_json:
        click.echo(json.dumps([asdict(f) for f in found], ensure_ascii=False, indent=1))
    else:
        for f in found:
            state = f.found or ("missing: " if f.required else "off: ") + f.install.get(system, "")
            click.echo(f"{f.name:<12} {state}")
    return 4 if missing else 0
