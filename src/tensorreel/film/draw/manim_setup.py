"""Importing and setting up Manim so that only our own values decide what is drawn."""

from __future__ import annotations

import configparser
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from tensorreel.film.job.picture import Picture, rate_number


def import_manim() -> ModuleType:
    """Import manim from an empty folder with an empty home, where no ``manim.cfg`` can reach it.

    Changes the working directory and ``HOME`` for the length of the import only; call it before any
    thread is started. What its libraries warn of while they are compiled and imported (pydub: its spelling of
    patterns, ``audioop``, a program that is not needed here) is not for whoever waits for a film.
    """
    if "manim" not in sys.modules:
        with _empty_place(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import manim  # noqa: F401
    return sys.modules["manim"]


@contextmanager
def _empty_place() -> Iterator[None]:
    here, home = os.getcwd(), os.environ.get("HOME")
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as empty:
        os.environ["HOME"] = empty
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(here)
            if home is None:
                del os.environ["HOME"]
            else:
                os.environ["HOME"] = home


def _factory_settings() -> dict[str, Any]:
    """Every setting as Manim ships it, whatever configuration files were read at its import."""
    manim = import_manim()
    parser = configparser.ConfigParser()
    with (Path(manim.__file__ or "").parent / "_config" / "default.cfg").open(encoding="utf-8") as file:
        parser.read_file(file)
    return dict(type(manim.config)().digest_parser(parser)._d)


@contextmanager
def manim_settings(picture: Picture, folder: Path, background: str = "#000000") -> Iterator[None]:
    """Manim's configuration for drawing ``picture``; ``folder`` takes whatever Manim puts on disk."""
    manim = import_manim()
    config = manim.config
    before = dict(config._d)
    config._d.update(_factory_settings())
    ours = {
        "renderer": "cairo",
        "dry_run": True,
        "disable_caching": True,
        "progress_bar": "none",
        "verbosity": "ERROR",
        "media_dir": str(folder),
        "background_color": background,
        "pixel_width": picture.width,
        "pixel_height": picture.height,
        "frame_rate": rate_number(picture.fps),
        "frame_height": max(8.0, 128 / 9 * picture.height / picture.width),
        "frame_width": max(128 / 9, 8.0 * picture.width / picture.height),
        "seed": 0,
    }
    for key, value in ours.items():
        config[key] = value
    try:
        yield
    finally:
        config._d.update(before)
        manim.logger.setLevel(config["verbosity"])
