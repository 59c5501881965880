"""Which files draw a scene: its module and whatever it imports from here, found without importing anything."""

from __future__ import annotations

import hashlib
import os
import re
from functools import cached_property, lru_cache
from pathlib import Path

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.film.job.formats import FORMATS

PACKAGE = "tensorreel"
# Rooms and files whose change cannot change a picture: they move, keep and name finished clips, or read the numbers
# that are looked at one by one. The lists of scenes and of formats are among them: a clip's own module, class and
# encoder stand in its key; and the choice between two renderers that give the same frames.
APART = frozenset(
    f"{PACKAGE}.{name}"
    for name in (
        "scenes",
        "film.job.atomic",
        "film.job.digests",
        "film.job.formats",
        "film.job.locks",
        "film.job.processes",
        "film.job.progress",
        "film.job.stopping",
        "film.draw.choose",
        "film.encode.join",
        "film.make.backend",
        "film.make.recording",
        "film.keep",
        "film.run",
        "models.checking",
        "models.naming",
        "models.reading",
        "models.tensorfile",
    )
)
ROOMS_APART = (f"{PACKAGE}.film.keep.", f"{PACKAGE}.film.run.")
# What draws every clip and what only its name brings in; the format adds its encoder, and the rest follows from the
# imports.
_EVERY = ("visuals.stage.scene", "film.draw.manim_setup", "core.engine", "core.stages", "film.make.clip")
_RENDERERS = {False: "film.draw.fast", True: "film.draw.still_renderer"}  # of clips, of stills
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(tensorreel[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)|import[ \t]+(tensorreel[\w.]*))",
    re.MULTILINE,
)


@lru_cache(maxsize=1)
def folders() -> dict[str, Path]:
    """Where the package and the scenes lie: the folder of ``tensorreel`` and, in a checkout, ``scenes/``."""
    from tensorreel import scenes

    return {
        PACKAGE: Path(__file__).parents[2],
        f"{PACKAGE}.scenes": Path(scenes.__file__ or "").parent,
    }


def modules() -> dict[str, Path]:
    """Every module of ours that lies in ``folders`` now, by name, with its file."""
    found: dict[str, Path] = {}
    for package, folder in sorted(folders().items()):
        for root, inside, names in os.walk(folder):
            inside[:] = [name for name in inside if name.isidentifier() and name != "__pycache__"]
            place = ".".join([package, *Path(root).relative_to(folder).parts])
            for name in names:
                stem, ending = os.path.splitext(name)
                if ending == ".py":
                    found[place if stem == "__init__" else f"{place}.{stem}"] = Path(root, name)
    return found


@lru_cache(maxsize=1024)
def imported(text: str) -> frozenset[str]:
    """Names of our modules that a source text imports anywhere, functions included; objects among them."""
    found = set()
    for match in _IMPORT.finditer(text):
        package, names, whole = match.groups()
        if whole:
            found.add(whole)
            continue
        found.add(package)
        for name in names.strip("()").split(","):
            if word := name.split("#")[0].split():
                found.add(f"{package}.{word[0]}")
    return frozenset(found)


class Sources:
    """The source files as they are now; each is read once, so one object serves one run only."""

    def __init__(self) -> None:
        self._paths = modules()
        self._known: dict[str, tuple[str, frozenset[str]] | None] = {}

    def _file(self, module: str) -> tuple[str, frozenset[str]] | None:
        """Digest and imports of a module of ours; None for any other name."""
        if module not in self._known:
            path = self._paths.get(module)
            data = None if path is None else path.read_bytes()
            self._known[module] = (
                None
                if data is None
                else (hashlib.sha256(data).hexdigest(), imported(data.decode("utf-8", "replace")))
            )
        return self._known[module]

    def files(self, *modules: str) -> dict[str, str]:
        """Digest of every source file that ``modules`` stand on, themselves included, by module name."""
        found: dict[str, str] = {}
        waiting, seen = list(modules), set(modules)
        while waiting:
            name = waiting.pop()
            file = None if name in APART or name.startswith(ROOMS_APART) else self._file(name)
            if file is not None:
                found[name] = file[0]
                waiting += file[1] - seen
                seen |= file[1]
        return found

    def code(self, scene_module: str, form: str) -> dict[str, str]:
        """Digests of all source files behind a clip of one format, compiled helpers included."""
        encoder = FORMATS[form].encoder
        drawing = (*_EVERY, _RENDERERS[FORMATS[form].still], encoder.partition(":")[0])
        named = (scene_module, *(f"{PACKAGE}.{name}" for name in drawing))
        if missing := [name for name in named if name not in self._paths]:
            raise EnvironmentProblem(f"{missing[0]}: no source file, expected one (install again)")
        found = self.files(*named)
        found["encoder"] = encoder
        return found | self._kernel

    @cached_property
    def _kernel(self) -> dict[str, str]:
        """Digest of every C source, wherever in the package it lies; that there is none is an error."""
        sources = sorted(path for ending in "ch" for path in folders()[PACKAGE].rglob(f"*.{ending}"))
        if not sources:
            raise EnvironmentProblem(
                f"{folders()[PACKAGE]}: no C source, expected the kernel's (install again)"
            )
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
