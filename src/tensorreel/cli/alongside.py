"""What ``render`` writes beside a film or a clip: subtitles, and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tensorreel.words.languages import subtitles_of

if TYPE_CHECKING:
    from tensorreel.film.job.job import Clip, Job


@dataclass(frozen=True)
class Alongside:
    """Which of them are asked for."""

    subtitles: bool
    script: bool

    def paths(self, target: Path, job: Job) -> list[Path]:
        """Where they will lie."""
        from tensorreel.publish.speech.script import script_paths
        from tensorreel.publish.subtitles import paths_beside

        langs = subtitles_of(job.options.lang, job.subtitles) if self.subtitles else ()
        said = script_paths(target, job.options.lang) if self.script else []
        return [*paths_beside(target, langs).values(), *said]

    def write(self, target: Path, jobs: Sequence[Job], clips: Sequence[Clip]) -> dict[str, list[str]]:
        """Write those of a film, or of a clip that is the only one; the paths by what they are."""
        from tensorreel.publish.speech.script import write_script
        from tensorreel.publish.subtitles import film_cues, write_beside

        written: dict[str, list[str]] = {}
        if self.subtitles:
            langs = subtitles_of(jobs[0].options.lang, jobs[0].subtitles)
            paths = write_beside(target, film_cues(clips), langs).values()
            written["subtitles"] = [str(path) for path in paths]
        if self.script:
            written["script"] = [str(path) for path in write_script(target, jobs, clips)]
        return written
