"""From jobs to keys: which clips are kept already, which must be made, and why.

``Planner`` answers for one run and one trace: a job's ground, whether its scene's view is known from before, and
its key. A key is the digest of the ground (code, look, size, rate, font, libraries: ``ground``) and of the
view (what is on the screen: ``record``). Bytes of weight files, times and bits of floats are in neither.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tensorreel.film.job.job import Job
from tensorreel.film.keep.cache import Cache, Entry
from tensorreel.film.keep.fingerprint import Fingerprint, Fingerprints, sentence_parts
from tensorreel.film.keep.seen_index import SeenEntry, key_of
from tensorreel.film.make.backend import Noted
from tensorreel.film.make.recording import Reader, spelled

UP_TO_DATE = "up to date"


@dataclass(frozen=True)
class Plan:
    """What is known of a job: its key and kept clip if there are any, else why it must be looked at.

    ``look`` says that a dry play may still find the clip among the kept ones.
    """

    job: Job
    parts: Fingerprint
    sentence: Fingerprint
    key: str | None = None
    entry: Entry | None = None
    look: bool = False
    why: str = UP_TO_DATE


class Planner:
    """Plans jobs against a cache. Jobs of one desk may have different traces."""

    def __init__(self, cache: Cache, force: bool = False) -> None:
        self.cache, self.force = cache, force
        self._grounds = Fingerprints()
        self._readers: dict[int, Reader] = {}

    def reader(self, job: Job) -> Reader:
        """The present numbers of the job's trace."""
        return self._readers.setdefault(id(job.trace), Reader(job.trace))

    def plan(self, jobs: Sequence[Job]) -> list[Plan]:
        """What is to be done for each job, without playing anything."""
        return [self._plan(job) for job in jobs]

    def _plan(self, job: Job) -> Plan:
        plan = Plan(job, self._grounds.of(job), sentence_parts(job))
        if self.force:
            return replace(plan, why="forced")
        views, reader = self.cache.views, self.reader(job)
        view = views.find(job.scene, plan.parts, plan.sentence, reader)
        if view is None:
            why = views.why(job.scene, plan.parts, plan.sentence, reader)
            return replace(plan, look=views.knows(job.scene, plan.parts), why=why)
        return self._found(plan, view.key, "not rendered yet")

    def _found(self, plan: Plan, key: str, why: str) -> Plan:
        entry = self.cache.get(key)
        return replace(plan, key=key, entry=entry, look=False, why=UP_TO_DATE if entry else why)

    def seen(self, plan: Plan, noted: Noted) -> Plan:
        """The plan after its scene was played: key known, remembered, and looked up."""
        key = key_of(plan.parts, noted.view)
        reader = self.reader(plan.job)
        reads = {spelled(look): reader(look) for look in sorted(noted.reads, key=spelled)}
        self.cache.views.add(plan.job.scene, SeenEntry(plan.parts, plan.sentence, reads, key))
        return self._found(plan, key, plan.why) if noted.clip is None else replace(plan, key=key)

    def keep(self, plan: Plan, noted: Noted) -> Plan:
        """The plan after its clip was drawn: kept under its key.

        Where a source file was saved in the meantime nobody knows which code drew the clip: then it is handed
        out, but under a key that is never asked for again.
        """
        assert noted.clip is not None
        clip = noted.clip
        if Fingerprints().of(plan.job) == plan.parts:
            plan = self.seen(plan, noted)
        else:
            self.cache.warn(
                f"{clip.scene}: its code was saved while it was drawn; it is made again next time"
            )
            plan = replace(plan, key=secrets.token_hex(32))
        assert plan.key is not None
        entry = Entry(
            plan.key,
            "",
            0,
            "",
            clip.scene,
            clip.frames,
            clip.fps,
            clip.beats,
            noted.view,
            dict(noted.digests),
        )
        return replace(plan, entry=self.cache.put(entry, clip.path))
