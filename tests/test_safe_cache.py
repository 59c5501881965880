"""A damaged cache is noticed every time, costs one warning, and only that clip is made again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tensorreel.film.job.digests import file_digest, sealed, unsealed
from tensorreel.film.job.job import Job
from tensorreel.film.job.locks import locked
from tensorreel.film.keep import fingerprint
from tensorreel.film.keep.cache import Cache, Entry, busy, opened
from tensorreel.film.keep.seen_index import Views
from tensorreel.film.run.production import RunOptions, make_clips, make_film
from tensorreel.models import tiny_model
from tests.harness import listed, no_font, run
from tests.stub import FAULTS, STUB, edited, expected, jobs_for

NAMES = ("query", "key", "value")


class Shop:
    """A cache with three clips, and a count of what is drawn."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder, folder / "cache"
        self.jobs = jobs_for(tiny_model(), folder / "out", NAMES)
        self.warnings: list[str] = []
        self.drawn = folder / "drawn"
        FAULTS[:] = [self._note]

    def _note(self, job: Job, frame: int) -> None:
        if frame == 0:
            with self.drawn.open("a") as file:
                file.write(f"{job.scene}\n")

    def make(self, jobs: list[Job] | None = None, **orders: object) -> list[str]:
        """Bring the clips up to date; the scenes that were drawn for it. Whatever it takes, they are right."""
        self.drawn.write_text("")
        todo = self.jobs if jobs is None else jobs
        how = RunOptions(1, self.cache, backend=STUB, warn=self.warnings.append)
        make_clips(todo, orders=replace(how, **orders))  # type: ignore[arg-type]
        for job in todo:
            assert job.target.read_bytes() == expected(job)
        return sorted(self.drawn.read_text().split())

    def entries(self) -> list[tuple[Path, Path]]:
        """Record and media of each clip."""
        found = []
        for record in sorted((self.cache / "clips").iterdir()):
            facts = json.loads(unsealed(record.read_bytes()))
            found.append((record, self.cache / "media" / f"{facts['digest']}.mp4"))
        return found


@pytest.fixture
def shop(quick: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(fingerprint, "font_digest", no_font)
    made = Shop(quick)
    assert made.make() == sorted(NAMES)
    assert made.make() == []
    assert made.warnings == []
    yield made
    FAULTS.clear()


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def swapped(path: Path) -> None:
    """With another entry of its kind."""
    other = next(p for p in sorted(path.parent.iterdir()) if p != path)
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


def a_link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def gone(path: Path) -> None:
    path.unlink()


DAMAGE: tuple[Callable[[Path], None], ...] = (
    flipped, truncated, emptied, longer, swapped, a_folder, a_link_to_nowhere, gone,
)  # fmt: skip


@pytest.mark.parametrize("which", ["record", "media"])
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
@pytest.mark.runs
def test_each_entry_damaged_is_noticed_and_made_again(
    shop: Shop, damage: Callable[[Path], None], which: str
) -> None:
    for number in range(len(NAMES)):
        shutil.rmtree(shop.folder / "out")
        damage(shop.entries()[number][which == "media"])
        before = len(shop.warnings)
        made = shop.make()
        assert len(made) == (2 if damage is swapped else 1), (damage.__name__, made)
        noticed = len(shop.warnings) - before
        assert noticed == (len(made) if damage not in (gone, a_link_to_nowhere) else noticed)
        assert shop.make() == []


def test_a_record_cut_at_every_byte_is_noticed(shop: Shop) -> None:
    record, _ = shop.entries()[0]
    good = record.read_bytes()
    with opened(shop.cache, shop.warnings.append) as cache:
        assert cache.get(record.stem) is not None
        for length in range(len(good)):
            record.write_bytes(good[:length])
            before = len(shop.warnings)
            assert cache.get(record.stem) is None, length
            assert len(shop.warnings) == before + 1, length
        for at in range(len(good)):
            record.write_bytes(good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :])
            assert cache.get(record.stem) is None, at
        record.write_bytes(good)
        assert cache.get(record.stem) is not None


def test_the_memory_of_views_cut_at_every_byte_costs_time_only(shop: Shop) -> None:
    memory = shop.cache / "views" / "query.json"
    good = memory.read_bytes()
    for length in range(len(good)):
        memory.write_bytes(good[:length])
        said: list[str] = []
        views = Views(memory.parent, shop.folder, said.append)
        assert views.of("query") == []
        assert views.of("query") == []
        assert len(said) == 1, length
    assert shop.make(shop.jobs[:1]) == ["query"]
    assert shop.make(shop.jobs[:1]) == []


def test_a_folder_in_the_place_of_a_clip_that_nobody_knows(shop: Shop) -> None:
    for record, media in shop.entries():
        record.unlink()
        a_folder(media)
    assert shop.make() == sorted(NAMES)
    assert shop.make() == []
    assert shop.warnings == []


def test_another_versions_entry_is_a_miss_and_a_warning(shop: Shop) -> None:
    record, _ = shop.entries()[0]
    facts = json.loads(unsealed(record.read_bytes()))
    record.write_text(sealed(json.dumps({**facts, "format": 99})))
    assert len(shop.make()) == 1
    assert len(shop.warnings) == 1
    assert "another version" in shop.warnings[0]


def test_a_record_with_fields_that_we_do_not_know_is_a_miss(shop: Shop) -> None:
    record, _ = shop.entries()[0]
    facts = json.loads(unsealed(record.read_bytes()))
    record.write_text(sealed(json.dumps({**facts, "extra": 1})))
    assert len(shop.make()) == 1


def test_a_target_that_was_changed_is_put_right(shop: Shop) -> None:
    """The output folder is not believed either."""
    target = shop.jobs[0].target
    for damage in (flipped, truncated, emptied):
        damage(target)
        assert shop.make() == []
    target.unlink()
    target.symlink_to(shop.folder / "elsewhere")
    assert shop.make() == []


def test_a_film_that_was_changed_is_joined_again(shop: Shop) -> None:
    target = shop.folder / "film.mp4"
    orders = RunOptions(1, shop.cache, backend=STUB, warn=shop.warnings.append)
    frames = make_film(shop.jobs, target, orders=orders)
    good = target.read_bytes()
    assert good == b"".join(expected(job) for job in shop.jobs)
    for damage in (flipped, truncated, emptied, gone):
        damage(target)
        assert make_film(shop.jobs, target, orders=orders) == frames
        assert target.read_bytes() == good
    for record in (shop.cache / "films").iterdir():
        flipped(record)
    assert make_film(shop.jobs, target, orders=orders) == frames
    assert target.read_bytes() == good


def test_the_memory_of_films_cut_at_every_byte_costs_a_joining_only(shop: Shop) -> None:
    target = shop.folder / "film.mp4"
    orders = RunOptions(1, shop.cache, backend=STUB, warn=shop.warnings.append)
    make_film(shop.jobs, target, orders=orders)
    good = target.read_bytes()
    (memory,) = (m for m in (shop.cache / "films").iterdir() if file_digest(target) in m.read_text())
    whole = memory.read_bytes()
    with opened(shop.cache, shop.warnings.append) as cache:
        assert cache.film(memory.stem) is not None
        for length in range(len(whole)):
            memory.write_bytes(whole[:length])
            assert cache.film(memory.stem) is None, length
        for at in range(len(whole)):
            memory.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert cache.film(memory.stem) is None, at
    target.write_bytes(b"")
    make_film(shop.jobs, target, orders=orders)
    assert target.read_bytes() == good


def test_times_decide_nothing(shop: Shop) -> None:
    """Clocks that are wrong by years, in the cache and in the output."""
    for when in (0, 2**31, 4 * 10**9):
        for path in shop.folder.rglob("*"):
            os.utime(path, (when, when))
        assert shop.make() == []
        model = edited(tiny_model(), "layers.0.W_Q", (0, 0, 0), 1.0 + when % 7)
        assert shop.make(jobs_for(model, shop.folder / "out", NAMES)) == ["query"]
        assert shop.make() == []


def test_a_cache_that_cannot_be_written_is_done_without(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "font_digest", no_font)
    (quick / "cache").write_text("a file")
    warnings: list[str] = []
    jobs = jobs_for(tiny_model(), quick / "out", NAMES[:1])
    make_clips(jobs, orders=RunOptions(1, quick / "cache", backend=STUB, warn=warnings.append))
    assert jobs[0].target.read_bytes() == expected(jobs[0])
    assert len(warnings) == 1
    assert "rendering without" in warnings[0]
    assert (quick / "cache").read_text() == "a file"
    assert listed(quick / "out") == [jobs[0].target.name]


def test_nothing_is_left_without_a_cache(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(quick / "tmp"))
    (quick / "tmp").mkdir()

    def fresh() -> None:
        import tempfile

        tempfile.tempdir = None

    for _ in range(2):
        ended = run("render", "3", "-q", "l", "--cache-dir", "/dev/null/no", cwd=quick, before=fresh)
        assert ended.code == 0
        assert listed(quick / "tmp") == []


def test_info_and_prune(shop: Shop) -> None:
    ended = run("cache", "info", "--cache-dir", shop.cache, "--json", cwd=shop.folder)
    assert json.loads(ended.out)["clips"] == 3
    sizes = [media.stat().st_size for _, media in shop.entries()]
    oldest = shop.entries()[0]
    os.utime(oldest[0], (1, 1))
    ended = run("cache", "prune", "--max-size", sum(sizes) - 1, "--cache-dir", shop.cache, cwd=shop.folder)
    assert ended.out.startswith("1 clips removed"), ended
    assert not oldest[0].exists()
    assert not oldest[1].exists()
    assert len(shop.make()) == 1
    ended = run("cache", "prune", "--max-size", "0", "--cache-dir", shop.cache, cwd=shop.folder)
    assert ended.out.startswith("3 clips removed")
    assert shop.make() == sorted(NAMES)


def test_prune_does_not_disturb_a_run(shop: Shop) -> None:
    with opened(shop.cache, shop.warnings.append):
        assert busy(shop.cache)
        ended = run("cache", "prune", "--max-size", "0", "--cache-dir", shop.cache, cwd=shop.folder)
        assert ended.code == 6
    assert not busy(shop.cache)


def test_force_makes_everything_again(shop: Shop) -> None:
    assert shop.make(force=True) == sorted(NAMES)
    assert shop.make() == []


def test_the_memory_of_another_version_is_none_and_no_damage(shop: Shop) -> None:
    memory = shop.cache / "views" / "query.json"
    shop.make(jobs_for(tiny_model(), shop.folder / "out", NAMES[:1]))
    entries = json.loads(unsealed(memory.read_bytes()))
    memory.write_text(sealed(json.dumps([*entries, {"looks": {}, "key": "k"}])))
    said: list[str] = []
    assert len(Views(memory.parent, shop.folder, said.append).of("query")) == len(entries) == 1
    assert said == []


def test_a_lock_that_was_left_is_no_lock(shop: Shop) -> None:
    """Lock files of runs that were killed hold nothing, whatever is in them."""
    (shop.folder / "out" / ".query.mp4.lock").write_text("4711")
    (shop.cache / "work" / "dead.lock").write_text("x")
    (shop.cache / "work" / "dead").mkdir()
    (shop.cache / "work" / "dead" / "half.mp4").write_text("x")
    (shop.cache / "views" / ".query.json.lock").write_text("x")
    assert shop.make() == []
    assert not list(shop.folder.rglob("*.lock"))
    assert listed(shop.cache / "work") == []


def test_a_lock_is_held_once(quick: Path) -> None:
    with locked(quick / "a.lock") as first, locked(quick / "a.lock") as second:
        assert (first, second) == (True, False)
    assert listed(quick) == []


def test_an_entry_says_what_a_clip_is(shop: Shop) -> None:
    record, media = shop.entries()[0]
    with opened(shop.cache, shop.warnings.append) as cache:
        entry = cache.get(record.stem)
        assert isinstance(entry, Entry)
        assert isinstance(cache, Cache)
        assert cache.path(entry) == media
        assert entry.size == media.stat().st_size
