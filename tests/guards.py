"""The guards of the promises, each with the test that fails when it is taken away.

``GUARDS`` maps a name to a function, a piece of it that stands there once, what stands there when the guard is gone,
and the test. The function is found wherever it lies, and its piece however it is laid out (``mutation.py``); a name
that is bound outside of functions counts as one. ``test_guards.py`` takes the guards away one by one.
"""

from __future__ import annotations

from typing import NamedTuple


class Guard(NamedTuple):
    """One piece that protects something: of ``Class.method``, ``function`` or ``CONSTANT``, in whatever file."""

    function: str
    old: str
    new: str
    test: str


_CACHE, _RUNS, _FILES = "test_safe_cache.py::", "test_safe_runs.py::", "test_safe_files.py::"
_STALE, _WORKERS, _FARM = "test_safe_stale.py::", "test_safe_workers.py::", "test_farm.py::"
_LETTERS, _TEXTS = "test_visuals_letters.py::", "test_publish_texts.py::"
_PORTABLE = "test_safe_portable.py::"
_TEXT, _PUBLISH = "test_safe_text.py::", "test_safe_publishing.py::"
_NUMBERS, _ENGINE, _WATCH = "test_functional.py::", "test_engine.py::", "test_watch.py::"
_SIZES, _CLAIMS = "test_sizes.py::", "test_claims.py::"
_HAND = _FILES + "test_a_file_made_wrong_by_hand_is_one_line_and_nothing_is_written"
_ENTRY = _CACHE + "test_each_entry_damaged_is_noticed_and_made_again"
_CUT = _CACHE + "test_a_record_cut_at_every_byte_is_noticed"
_CELLS = _STALE + "test_every_input_and_every_stage"
_CRASH = "test_safe_crashes.py::test_a_run_spoiled_anywhere_leaves_whole_files"

GUARDS: dict[str, Guard] = {
    # never a wrong frame
    "digest of a clip": Guard("Cache.get", "or file_digest(media) != entry.digest", "", f"{_ENTRY}[flipped-media]"),
    "key of a record": Guard("Cache.get", "if entry.key != key:", "if False:", f"{_ENTRY}[swapped-record]"),
    "format of a record": Guard("_entry", 'or facts.get("format") != FORMAT', "", _CACHE + "test_another_versions_entry_is_a_miss_and_a_warning"),
    "seal": Guard("unsealed", 'if head != b"sha256 " + hashlib.sha256(body).hexdigest().encode():', "if False:", _CUT),
    "sentence of a view": Guard("SeenEntry.holds", "and self.sentence == sentence", "", _CELLS),
    "tensors of a view": Guard("SeenEntry.holds", "and not self.changed(reader)", "", _CELLS),
    "ground of a view": Guard("SeenEntry.holds", "self.parts == parts and", "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "ground in the key": Guard("key_of", "return digest([parts, view])", 'return digest(["", view])', _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "view in the key": Guard("key_of", "return digest([parts, view])", "return digest([parts])", _CELLS),
    "code saved meanwhile": Guard("Planner.keep", "if Fingerprints().of(plan.job) == plan.parts:", "if True:", _STALE + "test_code_saved_while_a_clip_is_drawn_is_not_believed"),
    "model before": Guard("sentence_parts", '{"before": job.old.model.digest}', "{}", "test_against.py::test_the_memory_of_a_clip_knows_the_model_before"),
    "numbers before": Guard("Reckoner._of_before", "if self._before is None:", "if False:", "test_against.py::test_without_a_model_before_nothing_was_before"),
    "theme": Guard("Fingerprints.of", '"theme": options.theme,', "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "speech": Guard("Fingerprints.of", 'digest([said.seconds for said in job.speech]) if job.speech else ""', '""', "test_narration.py::test_lengths_are_in_the_key_and_sounds_are_not"),
    "sentence of a beat": Guard("StageScene.beat", "until = max(self.read_by, self._said_by(start))", "until = self.read_by", "test_narration.py::test_a_beat_is_as_long_as_its_sentence_and_a_breath"),
    "rate": Guard("Fingerprints.of", '"rate": str(job.picture.fps),', "", _STALE + "test_a_choice_of_the_viewer_is_another_clip"),
    "libraries": Guard("Fingerprints.of", '"libraries": digest(libraries())', '"libraries": ""', _STALE + "test_another_version_of_a_library_is_another_clip"),
    "font file": Guard("font_digest", "return digest([held,", "return digest([", _STALE + "test_another_font_file_under_the_same_name_is_noticed"),
    "named module is there": Guard("Sources.code", "if missing := [name for name in named if name not in self._paths]:", "if missing := [name for name in named if not name]:", _STALE + "test_without_the_kernels_source_there_is_no_key"),
    "encoder in the key": Guard("Sources.code", 'found["encoder"] = encoder', "pass", "test_formats.py::test_what_draws_a_clip_follows_from_its_format"),
    "imports of a scene": Guard("Sources.files", "waiting += file[1] - seen", "pass", _STALE + "test_code_that_draws_is_in_the_key_and_code_that_does_not_is_not"),
    "frames counted": Guard("check_mp4", "or held != frames", "", _WORKERS + "test_a_clip_with_fewer_frames_is_not_taken"),
    "ground of a parcel": Guard("unpacked", "if parcel.parts.get(name) != part", "if False", _FARM + "test_what_was_damaged_or_drawn_on_other_ground_is_refused"),
    "catalogue of a parcel": Guard("made_under", '| {"translation": catalogue_digest(job.options.lang)}', "", _FARM + "test_what_was_damaged_or_drawn_on_other_ground_is_refused"),
    "catalogue in the memory": Guard("sentence_parts", '"translation": catalogue_digest(job.options.lang),', '"translation": "",', "test_catalogues.py::test_a_translation_makes_the_clips_stale_that_show_it_and_no_others"),
    "digest of a parcel": Guard("unpacked", "if hashlib.sha256(parcel.data).hexdigest() != parcel.digest:", "if False:", _FARM + "test_what_was_damaged_or_drawn_on_other_ground_is_refused"),
    "changes of style": Guard("Layer.refresh", "changed = moved | (styles != self.styles).any(1)", "changed = moved", "test_film_frames.py::test_frames_equal_stock[python-fades]"),
    "where it was": Guard("Layer.refresh", "self.mark(tiles, changed) self._spare", "self._spare", "test_film_frames.py::test_frames_equal_stock[python-transforms]"),
    "version of Manim": Guard("unfit", "if not manim.__version__.startswith(WRITTEN_FOR):", "if False:", "test_film_stock.py::test_the_fallback_says_so_once_and_draws_the_same_frames"),
    "seams of Manim": Guard("unfit", "if (found := _parameters(seam)) != parameters:", "if (found := parameters) is Ellipsis:", "test_film_stock.py::test_every_seam_is_looked_at"),
    "forced": Guard("Planner._plan", "if self.force:", "if False:", "test_incremental.py::test_force_draws_again_what_is_up_to_date"),
    "cairo alone": Guard("StageScene.__init__", "if config.renderer is not RendererType.CAIRO:", "if False:", "test_plain_manim.py::test_another_renderer_is_refused_in_one_line"),
    "beats are sections": Guard("StageScene.beat", "self.next_section(name)", "pass", "test_plain_manim.py::test_beats_are_sections"),
    "nearness": Guard("Auditor._relation", "if not near:", "if False:", "test_audit.py::test_a_sum_of_other_operands_is_found"),
    "counts": Guard("check_count", "if n != again:", "if False:", "test_audit.py::test_a_count_is_what_the_model_or_the_table_says"),
    "marks of an axis": Guard("Auditor._caption", "if _holds_tick(quantity):", "if False:", "test_audit.py::test_a_count_of_something_else_is_found"),
    "claims are true": Guard("misstated", "if not true:", "if False:", _CLAIMS + "test_a_caption_declares_what_it_states_and_it_is_so"),
    "claims are declared": Guard("_undeclared", "if want != declared:", "if False:", _CLAIMS + "test_a_caption_declares_what_it_states_and_it_is_so"),
    "words of fact": Guard("_undeclared", "WORDS_OF_FACT.search(said)", "False", _CLAIMS + "test_a_caption_declares_what_it_states_and_it_is_so"),
    "claims in the audit": Guard("Auditor._caption", "yield from misstated(m, self.reckoner)", "yield from ()", _CLAIMS + "test_a_caption_declares_what_it_states_and_it_is_so"),
    "largest alone": Guard("_largest", "== list(places)", "!= []", _CLAIMS + "test_a_claim_holds_or_does_not"),
    "nearly even": Guard("even", "return nearly_even(weights.values[i, :seen].tolist()) and not alike_all", "return False", "test_sayings.py::test_where_a_word_looks_most_is_said_of_the_printed_weights[nearly even]"),
    "units that differ": Guard("compared_signs", "compared([[positives([q]) for q in line] for line in lines], 0)", "Claim(ClaimKind.DIFFER, (tuple(lines), 0))", "test_sayings.py::test_which_units_words_switch_on_is_said_as_it_is"),
    "edges of a hull": Guard("_within", "and all(_side(a, b, point) >= -NOISE for a, b in edges)", "", _CLAIMS + "test_points_on_a_line_and_at_its_ends_are_within_and_beside_it_are_not"),
    "what a mask leaves": Guard("mask_of", "ahead | (not config.causal)", "ahead & False", _CLAIMS + "test_what_a_mask_leaves_is_looked_up_in_every_head_and_layer"),
    "digits of all heads": Guard("Tensor.decimals", "self.whole.decimals if self.whole else decimals_for(self.values)", "decimals_for(self.values)", "test_tables.py::test_the_terminal_the_picture_and_the_key_have_the_same_digits"),
    "kernel in the key": Guard("Sources.code", "return found | self._kernel", "return found", _STALE + "test_code_that_draws_is_in_the_key_and_code_that_does_not_is_not"),
    "kernel is found": Guard("Sources._kernel", "if not sources:", "if False:", _STALE + "test_without_the_kernels_source_there_is_no_key"),
    "what is not drawn": Guard("_many", "if isinstance(terms, Terms):", "if False:", _SIZES + "test_what_is_built_does_not_grow_with_the_vocabulary[probs]"),
    "chosen head": Guard("some_heads", "return [*kept, chosen]", "return list(range(min(n, most)))", _SIZES + "test_the_chosen_head_is_among_those_that_are_drawn"),
    "marks of a legend": Guard("broken_rules", "yield from _keys(sight)", "", "test_lint.py::test_text_in_a_legend"),
    "tag of a change": Guard("told_in", "if (stage, at) in felt(model) else None", "", "test_variations.py::test_it_is_told_where_it_is_felt_and_nowhere_else[without relu]"),
    "table of a stage": Guard("Fingerprints.of", "job.architecture.digest_at(job.scene)", "job.architecture.digest", "test_incremental.py::test_what_a_change_does_not_reach_is_taken_from_the_cache"),
    "decimals of both": Guard("common_decimals", "max(a.decimals, b.decimals)", "a.decimals", "test_against.py::test_a_number_that_gives_its_matrix_more_decimals_is_the_only_one_that_is_otherwise[finer]"),
    "behind the layers": Guard("seen_from", "trace.model.config.n_layers - 1 if layer is None else layer", "0 if layer is None else layer", "test_diff.py::test_behind_the_layers_the_last_one_is_meant"),
    "which curve": Guard("made_by", "if np.allclose(known.fn(before.values), after.values, rtol=1e-9, atol=1e-12):", "if True:", "test_visuals_relu.py::test_which_curve_it_is_follows_from_the_numbers[tiny]"),
    "what is asked": Guard("question_of", "(is_stage and not architecture.computes_alike(ARTICLE, scene))", "False", "test_families.py::test_no_question_is_asked_that_is_about_another_computation"),
    # never a lost file
    "beside the target": Guard("replacing", "part = part_path((inside or target.parent).absolute() / target.name, os.getpid())", "part = target", _CRASH),
    "sweeping": Guard("sweep", "if mine.fullmatch(left.name):", "if False:", _PUBLISH + "test_sweeping_takes_what_is_of_the_target_alone"),
    "dead work folders": Guard("_workplace", "if dead: remove(other)", "pass", _CACHE + "test_a_lock_that_was_left_is_no_lock"),
    "lock of a target": Guard("holding", "if not mine:", "if False:", _RUNS + "test_a_busy_output_is_6_or_waited_for"),
    "lock is exclusive": Guard("_try", "held = lock_descriptor(handle, blocking=False)", "held = True", _CACHE + "test_a_lock_is_held_once"),
    "output is no input": Guard("spare", "raise UsageProblem(", "print(", _RUNS + "test_an_output_that_is_an_input_is_refused"),
    "prune asks": Guard("prune", "if busy(cache_dir):", "if False:", _CACHE + "test_prune_does_not_disturb_a_run"),
    "files of others": Guard("refuse_others", "if target.is_file() and not owns(target):", "if False:", "test_publish_ours.py::test_a_file_of_others_is_refused_and_ours_is_replaced[html]"),
    "edited presentations": Guard("_presentation", "return all(root.findtext(name) == MARK for name in _PEOPLE)", "return any(root.findtext(name) == MARK for name in _PEOPLE)", "test_publish_ours.py::test_a_presentation_that_somebody_edited_is_theirs"),
    "files of other pages": Guard("Folder.publish", "or file.name in others", "", "test_deck_webpage.py::test_pages_in_one_folder_keep_their_files_and_others_keep_theirs"),
    "files named like ours": Guard("Folder.publish", "if file_digest(file).startswith(found[1]):", "if True:", "test_deck_webpage.py::test_pages_in_one_folder_keep_their_files_and_others_keep_theirs"),
    "one target's parts": Guard("sweep", "if mine.fullmatch(left.name):", "if True:", _PUBLISH + "test_sweeping_takes_what_is_of_the_target_alone"),
    "synced first": Guard("_put", "sync(made)", "", _PUBLISH + "test_a_file_is_on_the_disk_before_it_has_its_name[text]"),
    "name synced": Guard("_put", '_do("replace", made, target) sync(target.parent)', '_do("replace", made, target)', _PUBLISH + "test_a_file_is_on_the_disk_before_it_has_its_name[text]"),
    "clip synced first": Guard("_put", "sync(made)", "", _PUBLISH + "test_a_file_is_on_the_disk_before_it_has_its_name[moved]"),
    "another file takes the name": Guard("OPERATIONS", '"replace": os.replace,', '"replace": lambda a, b: (shutil.copyfile(a, b), os.remove(a)),', _PUBLISH + "test_who_reads_the_old_file_reads_it_to_its_end"),
    "equal files left alone": Guard("_put", "if _same(made, target):", "if False:", _PUBLISH + "test_an_equal_file_is_left_alone[text]"),
    "equal to the last byte": Guard("_same", "all(a == b for a, b in", "any(a == b for a, b in", _PUBLISH + "test_a_file_that_differs_anywhere_is_replaced"),
    "nothing half beside it": Guard("replacing", "part.unlink(missing_ok=True)", "pass", _PUBLISH + "test_what_fails_leaves_the_old_file_and_nothing_beside_it"),
    "a path, no protocol": Guard("replacing", "(inside or target.parent).absolute() / target.name", "(inside or target.parent) / target.name", _PUBLISH + "test_a_path_in_the_making_is_absolute"),
    "locks let go": Guard("_child", "let_go()", "", _WORKERS + "test_a_worker_holds_no_lock_of_its_parent"),
    "cache done without": Guard("opened", "except (OSError, TensorreelError) as err", "except ZeroDivisionError as err", _CACHE + "test_a_cache_that_cannot_be_written_is_done_without"),
    "folders where clips go": Guard("Cache.put", "if media.is_dir(): remove(media)", "", _CACHE + "test_a_folder_in_the_place_of_a_clip_that_nobody_knows"),
    # never a traceback
    "unpacked size": Guard("_check_members", "if total > max_bytes:", "if False:", "test_model.py::test_size_limits_hold_before_anything_is_read"),
    "size of the file": Guard("open_regular", "if info.st_size > max_bytes:", "if False:", "test_model.py::test_size_limits_hold_before_anything_is_read"),
    "regular files only": Guard("open_regular", "if not stat.S_ISREG(info.st_mode):", "if False:", "test_model.py::test_only_regular_files_are_read"),
    "header of safetensors": Guard("_header", "if length > most:", "if False:", _FILES + "test_a_header_is_judged_before_anything_is_read"),
    "doubled tensors": Guard("_header.once", "if len(found) < len(pairs):", "if False:", _FILES + "test_a_doubled_tensor_is_named"),
    "types of safetensors": Guard("read_safetensors", "if not isinstance(dtype, str) or dtype not in _DTYPES:", "if False:", _HAND),
    "finite numbers": Guard("_check_tensor", "bad = ~np.isfinite(array)", "bad = np.zeros(1, bool)", "test_model.py::test_a_bad_toml_is_one_line[infinite]"),
    "shape of a tensor": Guard("_check_tensor", "if array.shape != wanted:", "if False:", _HAND),
    "characters": Guard("plain_array", "if points.size and points.max() > sys.maxunicode:", "if False:", _HAND),
    "checkpoints we cannot show": Guard("translated", "_refuse(naming, prefix, tensors, name)", "pass", _FILES + "test_what_we_cannot_represent_is_refused_by_name"),
    "what no tensor tells": Guard("translated", "stated.ask(said, name)", "said = {'n_heads': 2} | dict(said)", _HAND),
    "stated and not ours": Guard("settled", "fact.check(found[fact.name], name)", "pass", _HAND),
    "statements that differ": Guard("settled", "if key in found and found[key] != value:", "if False:", _FILES + "test_two_statements_that_differ_are_refused"),
    "one stack of layers": Guard("project_of", "if len(before) > 1:", "if False:", _FILES + "test_two_stacks_of_layers_are_not_one_model"),
    "a parameter once": Guard("_once", "if new in out:", "if False:", _HAND),
    "buffers before types": Guard("read_safetensors", "if key not in passed]", "]", _FILES + "test_a_buffer_is_never_the_reason"),
    "kinds of files": Guard("open_regular", "refuse_head(file.read(HEAD), path, name)", "file.read(HEAD)", "test_foreign.py::test_a_file_of_another_kind_is_told_by_its_name"),
    "the file beside is read": Guard("_inputs", "for path in (Path(name), beside(Path(name)))", "for path in (Path(name),)", _RUNS + "test_an_output_that_is_an_input_is_refused"),
    "one line": Guard("one_line", 'return line if len(line) <= limit else line[: limit - 1] + "…"', "return line", "test_model.py::test_messages_are_one_short_line"),
    "an output that is a folder": Guard("_check_output", "if output.is_dir():", "if False:", _RUNS + "test_folders_and_files_in_each_others_place"),
    "folders that are missing": Guard("need_folder", "if not target.parent.is_dir():", "if False:", _RUNS + "test_a_place_that_cannot_be_written_is_4"),
    "many clips, one name": Guard("_check_output", "if len(names) > 1 or many:", "if False:", "test_cli_render.py::test_mistakes_are_one_line_and_write_nothing"),
    "odd sides": Guard("Picture.__post_init__", "or self.width % 2 or self.height % 2", "", "test_film_encoder.py::test_odd_sides_are_refused"),
    "messages escaped": Guard("one_line", 'line = "".join(_escaped(c) for c in message)', "line = message", "test_model.py::test_messages_are_one_short_line"),
    "exit code of SIGTERM": Guard("_stopped", "return TERMINATED if isinstance(cause, Terminated) else INTERRUPTED", "return INTERRUPTED", _RUNS + "test_sigterm_is_143"),
    "SIGTERM for callers": Guard("_counting", "143 if isinstance(err, Terminated) else 130", "130", _RUNS + "test_who_calls_is_told_what_stopped_it"),
    "SIGTERM through a library": Guard("ending_on_sigterm", "if told and not isinstance(err, Terminated):", "if False:", _WATCH + "test_sigterm_ends_it_too"),
    "Ctrl-C is the parent's": Guard("_child", "signal.signal(signal.SIGINT, signal.SIG_IGN) signal.signal(signal.SIGTERM, _leave)", "signal.signal(signal.SIGTERM, _leave)", _WORKERS + "test_ctrl_c_is_for_the_parent_and_workers_go_on"),
    "help of a bare group": Guard("LazyGroup._failed", "isinstance(err, click.exceptions.NoArgsIsHelpError)", "False", "test_cli_bare.py::test_without_arguments_no_command_is_at_a_loss"),
    "Ctrl-C twice": Guard("LazyGroup.main", "except KeyboardInterrupt:", "except ZeroDivisionError:", _PUBLISH + "test_ctrl_c_while_the_first_is_answered_is_130_too"),
    "the last word": Guard("_stopped", "signal.signal(signal.SIGINT, signal.SIG_IGN)", "pass", _PUBLISH + "test_what_is_printed_last_cannot_be_cut_short"),
    # also without what only POSIX has
    "started afresh": Guard("start_method", '"fork" if "fork" in methods else "spawn"', '"fork"', _PORTABLE + "test_a_run_the_next_one_and_the_cache"),
    "signals noted": Guard("_noted", "for again in heard:", "for again in ():", _PORTABLE + "test_signals_wait_where_no_mask_can_be_set"),
    "orphans of Windows": Guard("orphaned", "return known is not None and not known.is_alive()", "return False", _PORTABLE + "test_workers_of_a_killed_run_leave"),
    "folders of Windows": Guard("sync", "if windows and path.is_dir(): return", "", _PORTABLE + "test_a_run_the_next_one_and_the_cache"),
    "devices of Windows": Guard("holding", "no_device(target)", "", _PORTABLE + "test_devices_are_no_files"),
    "nobody's number": Guard("_elsewhere", 'os.getuid() if hasattr(os, "getuid") else None', "os.getuid()", _PORTABLE + "test_without_a_cache_folder_it_renders_all_the_same"),
    # words are what they say
    "characters that control": Guard("spelled_out", "or unicodedata.category(char) in _BARE", "", _TEXT + "test_what_nobody_would_see_is_written_out"),
    "marks of direction": Guard("spelled_out", "or _formats(char)", "", _TEXT + "test_what_nobody_would_see_is_written_out"),
    "fillers": Guard("spelled_out", "char in _FILLERS or", "", _TEXT + "test_what_nobody_would_see_is_written_out"),
    "joiners of nothing": Guard("spelled_out", "alone = joins(char) or", "alone =", _TEXT + "test_what_nobody_would_see_is_written_out"),
    "accents of nothing": Guard("spelled_out", "or (not follows and unicodedata.combining(char) in MARKS)", "", _TEXT + "test_what_nobody_would_see_is_written_out"),
    "joiners of letters": Guard("spelled_out", "if (follows and joins(char)) or", "if", _TEXT + "test_marks_joiners_and_selectors_stay_with_their_letter"),
    "no box": Guard("Face._as_spelled", "if not all(piece.gid for piece in pieces):", "if False:", _TEXT + "test_a_glyph_that_no_font_has_is_named"),
    "no empty place": Guard("Face._as_spelled", "return letter[0].isspace() or joins(letter[0])", "return True", _TEXT + "test_a_glyph_without_an_outline_is_none"),
    "marks on their letters": Guard("in_one", "return all(_placed(letter, part, base) for part in others)", "return True", _LETTERS + "test_a_mark_that_no_anchor_holds_is_missing"),
    "marks that are anchored": Guard("in_one", "(len(others) > 1 or not anchors)", "False", _LETTERS + "test_a_mark_that_no_anchor_holds_is_missing"),
    "marks with ink": Guard("in_one", "if not inked or len(parts) - len(inked) > sum(map(joins, letter)):", "if not inked:", _LETTERS + "test_a_mark_without_ink_is_missing"),
    "marks apart": Guard("in_one", "if any(_covered(a.box, b.box) for", "if any(False for", _LETTERS + "test_two_marks_in_one_place_are_missing"),
    "flags of tags": Guard("Face._in_one", "and not ignored", "", _LETTERS + "test_an_emoji_that_would_fall_apart_is_missing"),
    "face of the same kind": Guard("fonts_like", "key=lambda choice: (style.away(style_of(choice)),", "key=lambda choice: (", _LETTERS + "test_the_other_face_is_of_the_same_kind"),
    "one face a word": Guard("_in_faces", "for part in [whole] if use else word:", "for part in word:", _LETTERS + "test_a_word_is_of_one_face_where_one_has_all_of_it"),
    "missing glyph is said": Guard("_face_with", "if other is None:", "if (other := other or face) is None:", _TEXT + "test_a_glyph_that_no_font_has_is_named"),
    "letters to the left": Guard("_Run.shaped", '"rtl" if self.level % 2 else "ltr"', '"ltr"', _TEXT + "test_a_word_that_runs_to_the_left_is_drawn_so"),
    "runs to the left": Guard("_laid_out", "bidi.in_order(runs, [run.level for run in runs])", "runs", _TEXT + "test_a_word_that_runs_to_the_left_is_drawn_so"),
    "words isolated": Guard("printed", "isolated(value) if isinstance(value, str) else str(value)", "str(value)", _LETTERS + "test_a_caption_reads_from_the_left_whatever_words_are_in_it"),
    "base of a caption": Guard("levels", 'base_dir="L" if prose else None', "base_dir=None", "test_visuals_bidi.py::test_a_line_of_the_films_runs_to_the_right_by_itself"),
    "isolates of a word": Guard("isolated", "clean = spelled_out(text)", "clean = text", _TEXTS + "test_words_that_run_to_the_left_are_isolated_in_captions"),
    "isolates whole in a line": Guard("_may_break", "if text.count(FSI, 0, k) > text.count(PDI, 0, k):", "if False:", _LETTERS + "test_a_caption_is_not_broken_within_a_word_that_is_isolated"),
    "isolates for players": Guard("caption", ", prose=True)", ")", _TEXTS + "test_words_that_run_to_the_left_are_isolated_in_captions"),
    "a sentence in alt text": Guard("_said", "isolated(sentence(trace, _LONGEST))", "sentence(trace, _LONGEST)", _TEXTS + "test_a_sentence_that_runs_to_the_left_is_isolated_in_alt_text"),
    "words to the left": Guard("Sentence._centers", "return [-x for x in centers] if self.turned else centers", "return centers", _LETTERS + "test_a_sentence_runs_as_it_is_read"),
    "fonts that help out": Guard("font_digest", ", *_helping(path, lang, words))", ")", _LETTERS + "test_another_version_of_another_font_is_noticed"),
    "marks with their letter": Guard("_cut", "pieces = clusters(text, pen.font, pen.lang)", "pieces = list(text)", _TEXT + "test_of_a_pair_nobody_sees_one_half"),
    "ellipsis": Guard("_cut.cut", '"".join(pieces[:k]).rstrip() + ELLIPSIS', '"".join(pieces[:k]).rstrip()', _TEXT + "test_shortening_fits_and_never_cuts_a_character"),
    "words checked first": Guard("make_clips", "orders.backend.check(jobs)", "", _TEXT + "test_a_run_with_a_word_that_cannot_be_drawn_is_one_line_and_writes_nothing"),
    "quiet import": Guard("import_manim", 'warnings.simplefilter("ignore")', "pass", "test_film_boot.py::test_what_manim_and_its_libraries_warn_of_is_not_printed"),
    "NUL": Guard("_strings", 'char == "\\0" or', "", _TEXT + "test_words_that_no_sentence_can_hold_are_refused_with_their_place"),
    "lone surrogates": Guard("_strings", 'or "\\ud800" <= char <= "\\udfff"', "", _TEXT + "test_words_that_no_sentence_can_hold_are_refused_with_their_place"),
    "longest word": Guard("_strings", "if len(text) > MAX_WORD:", "if False:", _TEXT + "test_words_that_no_sentence_can_hold_are_refused_with_their_place"),
    "labels differ": Guard("labels", "if len(often) == len(shown):", "if shown:", "test_words.py::test_what_looks_the_same_bears_its_id"),
    "spaces by script": Guard("_parted", "if _unspaced(last) or _unspaced(first) or", "if not last.isascii() or", "test_words.py::test_spaces_stand_where_the_script_has_them"),
    "words told apart": Guard("told_apart.clear", "return told and not any(", "return told or not any(", "test_words.py::test_labels_that_stand_together_can_be_told_apart"),
    "which of two words": Guard("StageScene.spoken", "i + 1 if twice else None", "None", "test_sayings.py::test_a_word_is_quoted_and_says_its_place_where_it_stands_twice"),
    "ties in printed digits": Guard("leading", "if format_number(x, decimals) == most]", "if x == max(known)]", "test_formatting.py::test_a_tie_is_one_of_printed_digits"),
    # numbers, or the row that has none
    "shifted softmax": Guard("softmax", "np.exp(x - top)", "np.exp(x)", _NUMBERS + "test_softmax_of_huge_scores_does_not_overflow"),
    "masked rows": Guard("softmax", "_refuse(np.isneginf(top)[..., 0],", "_refuse(np.isnan(top)[..., 0],", _NUMBERS + "test_softmax_names_a_fully_masked_row"),
    "variance of zero": Guard("layer_norm", "_refuse((spread == 0)[..., 0],", "_refuse((spread < 0)[..., 0],", _NUMBERS + "test_layer_norm_names_a_row_without_variance"),
    "variance too large": Guard("layer_norm", "_refuse(~np.isfinite(spread)[..., 0],", "_refuse((spread < 0)[..., 0],", _NUMBERS + "test_layer_norm_names_a_row_of_too_large_variance"),
    "place of a row": Guard("_Run._step", "raise InputError(self._place(step, layer, err.row) + err.reason)", "raise InputError(err.reason)", _ENGINE + "test_a_row_that_may_look_at_nothing_is_named"),
    "place of an overflow": Guard("_Run._step", "self._check(step, layer, values) raise", "raise", _ENGINE + "test_overflow_names_stage_layer_head_and_row"),
    "errors of arithmetic": Guard("forward", 'np.errstate(over="raise", divide="raise", invalid="raise", under="ignore")', 'np.errstate(all="ignore")', _ENGINE + "test_an_overflow_that_leaves_no_trace_is_refused"),
    # what players make of it
    "text tracks off": Guard("switch_text_off", "if header.handler in TEXT and header.on:", "if False:", "test_publish_tracks.py::test_in_a_film_the_picture_alone_is_on[2]"),
    "loops that browsers play": Guard("picture_of", "if fps is not None and fps > kind.most:", "if False:", "test_film_rates.py::test_what_browsers_would_slow_down_is_said_and_not_made"),
    # go on where you stopped
    "lost machines": Guard("run_on_farm", "if again and attempt < ATTEMPTS:", "if False:", _FARM + "test_a_process_that_is_lost_is_sent_again"),
    "watch goes on": Guard("_round", "except TensorreelError as err:", "except ZeroDivisionError as err:", "test_watch.py::test_stages_first_then_again_at_every_save_and_on_through_a_broken_file"),
    "another try": Guard("ATTEMPTS", "ATTEMPTS = 2", "ATTEMPTS = 1", _WORKERS + "test_a_worker_killed_once_is_tried_again"),
    "silence": Guard("_poll", "if now - worker.heard > limit:", "if False:", _WORKERS + "test_a_worker_that_fails_twice_costs_its_own_stage_only[hanging]"),
    "no orphans": Guard("_child", "die_with_parent(parent) let_go()", "let_go()", _WORKERS + "test_a_killed_run_leaves_no_orphan"),
    "stubborn workers": Guard("_end", "worker.process.kill()", "pass", _WORKERS + "test_a_worker_that_will_not_leave_is_ended"),
    "stops in destructors": Guard("lose_none", "sys.unraisablehook = told", "", "test_harness.py::test_a_stop_in_a_destructor_is_not_lost"),
    "how far it came": Guard("_counting", "except KeyboardInterrupt as err:", "except ZeroDivisionError as err:", _RUNS + "test_sigterm_is_143"),
    # storyboards
    "order of steps": Guard("Verb._may_come", "if not step.often: return", "", "test_order.py::test_a_step_out_of_order_is_an_error_that_says_what_may_come"),
    # a pupil with a calculator agrees
    "digits to work with": Guard("enough", "if claim.holds(more)", "if True", "test_printed.py::test_an_operand_gets_the_digits_that_make_its_product_hold"),
    "half a unit": Guard("comes_out", "about.low <= read(left) <= about.high", "about.low <= about.high", "test_printed.py::test_a_result_follows_within_half_a_unit"),
    "largest remainders": Guard("shares_as_printed", "printed[order[:count]] =", "unused =", "test_printed.py::test_a_row_of_shares_adds_up_as_printed"),
    "equal shares stay equal": Guard("_same", "return len(pair) == 2 and", "return len(pair) == 3 and", "test_printed.py::test_what_cannot_be_mended_keeps_its_nearest_digits"),
    "shares in the key": Guard("seen", "for x in tensor.printed.flat", "for x in values.flat", "test_printed.py::test_film_terminal_and_key_have_the_same_digits"),
    # rhythm
    "hold of a result": Guard("StageScene._least_hold", "theme.HOLD_MIN if self.landed is None else theme.HOLD_RESULT", "theme.HOLD_MIN", "test_rhythm.py::test_a_result_is_held"),
    "results of steps": Guard("_in_order.step", "verb.scene.land()", "pass", "test_rhythm.py::test_a_step_says_whether_it_brings_a_result"),
    "reading before": Guard("StageScene.until_read", "self.wait(rest, frozen_frame=True)", "pass", "test_rhythm.py::test_a_caption_is_read_before_the_result"),
    "unread results": Guard("Rhythm._beat", "yield from unread((scene.read_by - scene.landed) * pace)", "", "test_rhythm.py::test_a_caption_is_read_before_the_result"),
    "long entrances": Guard("Rhythm._beat", "yield from too_long(still)", "yield from ()", "test_rhythm.py::test_an_entrance_is_not_waited_for"),
    "empty stages": Guard("Rhythm.__call__", "yield from self._emptiness(sight)", "pass", "test_rhythm.py::test_an_empty_stage"),
    "orphans": Guard("BuiltIn.__call__", "yield from orphans(sight)", "pass", "test_rhythm.py::test_a_mark_goes_with_what_it_belongs_to"),
    "passing copies": Guard("BuiltIn.__call__", "yield from self.passers(sight, moment)", "", "test_rhythm.py::test_a_copy_does_not_stay_upon_a_text_or_a_bracket"),
}  # fmt: skip
