"""The guards of the promises, each with the test that fails when it is taken away.

``GUARDS`` maps a name to a file below ``src/tensorreel``, a text that stands in it once, what stands there when the
guard is gone, and the test. ``test_guards.py`` takes them away one by one.
"""

from __future__ import annotations

from typing import NamedTuple


class Guard(NamedTuple):
    """One line that protects something."""

    file: str
    old: str
    new: str
    test: str


_CACHE, _RUNS, _FILES = "test_safe_cache.py::", "test_safe_runs.py::", "test_safe_files.py::"
_STALE, _WORKERS, _FARM = "test_safe_stale.py::", "test_safe_workers.py::", "test_farm.py::"
_HAND = _FILES + "test_a_file_made_wrong_by_hand_is_one_line_and_nothing_is_written"
_ENTRY = _CACHE + "test_each_entry_damaged_is_noticed_and_made_again"
_CUT = _CACHE + "test_a_record_cut_at_every_byte_is_noticed"
_CELLS = _STALE + "test_every_input_and_every_stage"
_CRASH = "test_safe_crashes.py::test_a_run_spoiled_anywhere_leaves_whole_files"

GUARDS: dict[str, Guard] = {
    # never a wrong frame
    "digest of a clip": Guard("film/cache.py", " or file_digest(media) != entry.digest", "", f"{_ENTRY}[flipped-media]"),
    "key of a record": Guard("film/cache.py", "if entry.key != key:", "if False:", f"{_ENTRY}[swapped-record]"),
    "format of a record": Guard("film/cache.py", ' or facts.get("format") != FORMAT', "", _CACHE + "test_another_versions_entry_is_a_miss_and_a_warning"),
    "seal": Guard("film/digests.py", 'if head != b"sha256 " + hashlib.sha256(body).hexdigest().encode():', "if False:", _CUT),
    "sentence of a view": Guard("film/views.py", " and self.sentence == sentence", "", _CELLS),
    "tensors of a view": Guard("film/views.py", " and not self.changed(reader)", "", _CELLS),
    "ground of a view": Guard("film/views.py", "self.parts == parts and ", "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "ground in the key": Guard("film/views.py", "return digest([parts, view])", 'return digest(["", view])', _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "view in the key": Guard("film/views.py", "return digest([parts, view])", "return digest([parts])", _CELLS),
    "code saved meanwhile": Guard("film/keys.py", "if Grounds().of(plan.job) == plan.parts:", "if True:", _STALE + "test_code_saved_while_a_clip_is_drawn_is_not_believed"),
    "theme": Guard("film/ground.py", '"theme": options.theme,', "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "rate": Guard("film/ground.py", '"rate": str(job.picture.fps),', "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "libraries": Guard("film/ground.py", '"libraries": digest(libraries()),', "", _STALE + "test_another_version_of_a_library_is_another_clip"),
    "font file": Guard("film/ground.py", "return digest([held, ", "return digest([", _STALE + "test_another_font_file_under_the_same_name_is_noticed"),
    "imports of a scene": Guard("film/source.py", "waiting += file[1] - seen", "pass", _STALE + "test_code_that_draws_is_in_the_key_and_code_that_does_not_is_not"),
    "frames counted": Guard("film/probe.py", " or held != frames", "", _WORKERS + "test_a_clip_with_fewer_frames_is_not_taken"),
    "ground of a parcel": Guard("film/farm.py", "if parcel.parts.get(name) != part", "if False", _FARM + "test_what_was_damaged_or_drawn_on_other_ground_is_refused"),
    "digest of a parcel": Guard("film/farm.py", "if hashlib.sha256(parcel.data).hexdigest() != parcel.digest:", "if False:", _FARM + "test_what_was_damaged_or_drawn_on_other_ground_is_refused"),
    "changes of style": Guard("film/layer.py", "changed = moved | (styles != self.styles).any(1)", "changed = moved", "test_film_frames.py::test_frames_equal_stock[python-fades]"),
    "where it was": Guard("film/layer.py", "        self.mark(tiles, changed)\n        self._spare", "        self._spare", "test_film_frames.py::test_frames_equal_stock[python-transforms]"),
    "version of Manim": Guard("film/patches.py", "if not manim.__version__.startswith(WRITTEN_FOR):", "if False:", "test_film_stock.py::test_the_fallback_says_so_once_and_draws_the_same_frames"),
    "seams of Manim": Guard("film/patches.py", "if (found := _parameters(seam)) != parameters:", "if (found := parameters) is Ellipsis:", "test_film_stock.py::test_every_seam_is_looked_at"),
    "forced": Guard("film/keys.py", "if self.force:", "if False:", "test_incremental.py::test_force_draws_again_what_is_up_to_date"),
    # never a lost file
    "beside the target": Guard("film/publishing.py", "part = part_path((inside or target.parent).absolute() / target.name, os.getpid())", "part = target", _CRASH),
    "sweeping": Guard("film/publishing.py", "        if left.name.split(\".\")[-3].isdigit():", "        if False:", _CRASH),
    "dead work folders": Guard("film/cache.py", "            if dead:\n                remove(other)", "            pass", _CACHE + "test_a_lock_that_was_left_is_no_lock"),
    "lock of a target": Guard("film/locks.py", "        if not mine:", "        if False:", _RUNS + "test_a_busy_output_is_6_or_waited_for"),
    "lock is exclusive": Guard("film/locks.py", "fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)", "pass", _CACHE + "test_a_lock_is_held_once"),
    "output is no input": Guard("film/publishing.py", "raise UsageProblem(f\"{named(target)}: also", "print(f\"{named(target)}: also", _RUNS + "test_an_output_that_is_an_input_is_refused"),
    "prune asks": Guard("cli/cache.py", "if busy(cache_dir):", "if False:", _CACHE + "test_prune_does_not_disturb_a_run"),
    # never a traceback
    "unpacked size": Guard("models/reading.py", "    if total > max_bytes:", "    if False:", "test_model.py::test_size_limits_hold_before_anything_is_read"),
    "size of the file": Guard("models/reading.py", "if info.st_size > max_bytes:", "if False:", "test_model.py::test_size_limits_hold_before_anything_is_read"),
    "regular files only": Guard("models/reading.py", "if not stat.S_ISREG(info.st_mode):", "if False:", "test_model.py::test_only_regular_files_are_read"),
    "header of safetensors": Guard("models/tensorfile.py", "    if length > most:", "    if False:", _FILES + "test_a_header_is_judged_before_anything_is_read"),
    "doubled tensors": Guard("models/tensorfile.py", "if len(found) < len(pairs):", "if False:", _FILES + "test_a_doubled_tensor_is_named"),
    "types of safetensors": Guard("models/tensorfile.py", "if not isinstance(dtype, str) or dtype not in _DTYPES:", "if False:", _HAND),
    "finite numbers": Guard("models/checking.py", "    bad = ~np.isfinite(array)\n", "    bad = np.zeros(1, bool)\n", "test_model.py::test_a_bad_toml_is_one_line[infinite]"),
    "shape of a tensor": Guard("models/checking.py", "    if array.shape != wanted:", "    if False:", _HAND),
    "characters": Guard("models/checking.py", "if points.size and points.max() > sys.maxunicode:", "if False:", _HAND),
    "checkpoints we cannot show": Guard("models/naming.py", "    _refuse(naming, tensors, name)", "    pass", _FILES + "test_what_we_cannot_represent_is_refused_by_name"),
    "one line": Guard("errors.py", "return line if len(line) <= limit else line[: limit - 1] + \"…\"", "return line", "test_model.py::test_messages_are_one_short_line"),
    # go on where you stopped
    "lost machines": Guard("film/farm.py", "if again and attempt < ATTEMPTS:", "if False:", _FARM + "test_a_process_that_is_lost_is_sent_again"),
    "watch goes on": Guard("cli/watch.py", "    except TensorreelError as err:", "    except ZeroDivisionError as err:", "test_watch.py::test_stages_first_then_again_at_every_save_and_on_through_a_broken_file"),
    "another try": Guard("film/workers.py", "ATTEMPTS = 2", "ATTEMPTS = 1", _WORKERS + "test_a_worker_killed_once_is_tried_again"),
    "silence": Guard("film/workers.py", "if now - worker.heard > limit:", "if False:", _WORKERS + "test_a_worker_that_fails_twice_costs_its_own_stage_only[hanging]"),
    "no orphans": Guard("film/workers.py", "    die_with_parent(parent)\n", "", _WORKERS + "test_a_killed_run_leaves_no_orphan"),
    "stubborn workers": Guard("film/workers.py", "            worker.process.kill()\n        for", "            pass\n        for", _WORKERS + "test_a_worker_that_will_not_leave_is_ended"),
    "how far it came": Guard("film/production.py", "    except KeyboardInterrupt as err:", "    except ZeroDivisionError as err:", _RUNS + "test_sigterm_is_143"),
}  # fmt: skip
