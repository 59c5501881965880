"""Model files: read back exactly, and every fault named in one line."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel.core.errors import InputError, one_line
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.models import builtin_text, tiny_model
from tensorreel.models.reading import model_from_toml, read_model
from tensorreel.models.samples import large_model, sample_models
from tests.model_files import to_toml, write_npz

TINY = builtin_text()
SAMPLES = sample_models() | {"tiny": tiny_model()}


@pytest.mark.parametrize("name", SAMPLES)
def test_files_read_back_exactly(name: str, tmp_path: Path) -> None:
    model = SAMPLES[name]
    toml, npz = tmp_path / "a.npz", tmp_path / "b.toml"  # told apart by content, not by name
    toml.write_text(to_toml(model), encoding="utf-8")
    write_npz(model, npz)
    for path in (toml, npz):
        read = read_model(path)
        assert read.digest == model.digest
        assert (read.words, read.tokens, read.config) == (model.words, model.tokens, model.config)
        assert read.origin == model.origin
        assert list(read.params) == ARTICLE.tensor_names(model.config.n_layers)


def test_a_large_model_reads_back(tmp_path: Path) -> None:
    model = large_model()
    write_npz(model, tmp_path / "large.npz")
    assert read_model(tmp_path / "large.npz").digest == model.digest


def test_hostile_words_survive_the_file() -> None:
    model = SAMPLES["smallest"]
    for words in (('#panic()"', "a\nb = 1"), ("<span>\\", "\x7f\t\u202e"), ("'''", '"""')):
        odd = Model(model.config, words, model.tokens, model.params, glosses=words)
        assert model_from_toml(to_toml(odd), "odd").words == words


def test_the_digest_sees_every_change() -> None:
    model = tiny_model()
    seen = {model.digest}
    for name, array in model.params.items():
        other = array.copy()
        other.flat[-1] += 1e-15 if other.flat[-1] == 0 else np.spacing(other.flat[-1])
        seen.add(Model(model.config, model.words, model.tokens, dict(model.params) | {name: other}).digest)
    seen.add(
        Model(model.config, model.words, model.tokens[:4], model.params, model.glosses, model.readings).digest
    )
    assert len(seen) == len(model.params) + 2


def test_parameters_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny_model().params["E"][0, 0] = 1
    assert tiny_model().param("W_Q", 1) is tiny_model().params["layers.1.W_Q"]
    assert set(ARTICLE.parameters) == {name.rpartition(".")[2] for name in tiny_model().params}


def edited(old: str, new: str) -> str:
    assert old in TINY, old
    return str(TINY.replace(old, new, 1))


BAD_TOML = {
    "not toml": ("hello", "no TOML, expected a .toml, .npz or .safetensors model .Expected"),
    "nested": ("a = " + "[" * 5000, "no TOML"),
    "nested numbers": (edited("b_1 = [", "b_1 = [[[["), "no TOML|nested 4 lists"),
    "empty": ("", "E: missing, expected 14 tensors .and 13 more"),
    "short row": (edited("  [ 0.1,  0.3, -0.1,  0.2],", "  [ 0.1,  0.3, -0.1],"), r"E: 3 entries at \[1\], expected 4"),
    "string": (edited("[ 0.1,  0.3", '["x",  0.3'), r"E: a str at \[1, 0\], expected a number"),
    "boolean": (edited("[ 0.1,  0.3", "[true,  0.3"), r"E: a bool at \[1, 0\]"),
    "infinite": (edited("[ 0.1,  0.3", "[ inf,  nan"), r"E: 2 non-finite values, first at \[1, 0\]"),
    "huge integer": (edited("[ 0.1,  0.3", f"[{10**400}, 0.3"), "E: an integer too large|no TOML"),
    "wrong shape": (edited("gamma_1 = [1.0, ", "gamma_1 = ["), r"gamma_1: shape \(3,\), expected \(4,\) \(d_model = 4 from"),
    "scalar": (edited("gamma_1 = [1.0, 1.0, 1.0, 1.0]", "gamma_1 = 1.0"), "layers.0.gamma_1: a float, expected a list"),
    "unknown tensor": (edited("W_Q =", "W_q ="), "layers.0.W_q: unknown tensor.*did you mean layers.0.W_Q"),
    "unknown key": (edited("causal =", "casual ="), "casual: unknown.*did you mean causal"),
    "bad causal": (edited("causal = false", 'causal = "no"'), "causal: 'no', expected true or false"),
    "origin": (edited('origin = "search"', 'origin = "magic"'), "origin: 'magic', expected one of search, hand, training"),
    "bad eps": (edited("eps = 1e-05", "eps = -1"), "eps: '-1', expected a number from 0"),
    "id": (edited("tokens = [1,", "tokens = [8,"), "tokens: id 8 at place 1, expected 0 to 7"),
    "too long": (edited("tokens = [1,", "tokens = [1, 1,"), "tokens: 6, expected at most 5"),
    "word": (edited("tokens = [1,", 'tokens = ["糟",'), "tokens: '糟' is not a word"),
    "words": (edited('words = ["薬", ', "words = ["), "words: 7, expected 8"),
    "nul": (edited('["薬"', '["a\\u0000b"'), r"words: '\\x00' in number 0 at character 2"),
    "heads": (edited("n_heads = 2", "n_heads = 3"), "d_model: 4 is not divisible by n_heads, expected a multiple of 3"),
    "layers": (edited("n_layers = 2", "n_layers = 3"), "n_layers: 3, expected 2"),
    "sizes": (edited("d_ff = 6", "d_ff = 5"), r"W_1: shape \(4, 6\), expected \(4, 5\) \(d_ff = 5 from sizes\)"),
    "duplicate": (edited("causal = false", "causal = false\ncausal = true"), "no TOML"),
    "table": (edited("[embedding]", "[[embedding]]"), r"embedding: a list, expected a table"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_TOML)
def test_a_bad_toml_is_one_line(case: str) -> None:
    text, message = BAD_TOML[case]
    with pytest.raises(InputError, match=message) as err:
        model_from_toml(text, "m.toml")
    line = str(err.value)
    assert line.startswith("m.toml: ")
    assert len(line) <= 300
    assert line.isprintable()


def test_words_may_name_tokens_and_sizes_may_be_left_out() -> None:
    start, end = TINY.index("[sizes]"), TINY.index("[vocabulary]")
    text = TINY[:start] + TINY[end:]
    text = text.replace("tokens = [1, 2, 3, 4, 5]", 'tokens = ["糖", "尿", 3, 4, 5]')
    assert model_from_toml(text, "m").digest == tiny_model().digest


def test_a_shape_error_says_where_the_size_came_from() -> None:
    start, end = TINY.index("[sizes]"), TINY.index("[vocabulary]")
    text = (TINY[:start] + TINY[end:]).replace("gamma_1 = [1.0, ", "gamma_1 = [", 1)
    with pytest.raises(InputError, match=r"expected \(4,\) \(d_model = 4 from E \(8, 4\)\)"):
        model_from_toml(text, "m")


def arrays() -> dict[str, Any]:
    return dict(tiny_model().params)


def npz(content: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez(out, **content)
    return out.getvalue()


def with_member(name: str, data: bytes) -> bytes:
    out = io.BytesIO(npz(arrays()))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, data)
    return out.getvalue()


BAD_NPZ: dict[str, tuple[Callable[[], bytes], str]] = {
    "integers": (lambda: npz(arrays() | {"E": np.ones((8, 4), int)}), "E: dtype int64, expected float16"),
    "complex": (lambda: npz(arrays() | {"E": np.ones((8, 4), complex)}), "E: dtype complex128"),
    "objects": (lambda: npz(arrays() | {"E": np.array([[None]])}), "E: .*(dtype object|header)"),
    "records": (lambda: npz(arrays() | {"E": np.zeros(2, "f8,f8")}), "E: dtype"),
    "missing": (lambda: npz({k: v for k, v in arrays().items() if k != "layers.1.b_2"}), "layers.1.b_2: missing"),
    "unknown": (lambda: npz(arrays() | {"layers.0.W_X": np.ones(2)}), "layers.0.W_X: unknown tensor"),
    "a hole": (lambda: npz({k.replace("layers.1", "layers.2"): v for k, v in arrays().items()}), "layers.1.W_Q: missing"),
    "far layer": (lambda: npz(arrays() | {"layers.9999.W_Q": np.ones(2)}), "layer 9999, expected at most"),
    "nan": (lambda: npz(arrays() | {"P": np.full((5, 4), np.nan)}), r"P: 20 non-finite values, first at \[0, 0\]"),
    "rank": (lambda: npz(arrays() | {"E": np.ones(8)}), r"E: shape \(8,\), expected 2 axes"),
    "no rows": (lambda: npz(arrays() | {"E": np.ones((0, 4))}), "vocab_size: 0, expected at least 1"),
    "heads": (lambda: npz(arrays() | {"layers.0.W_Q": np.ones((3, 4, 2))}), "not divisible by n_heads, expected a multiple of 3"),
    "words": (lambda: npz(arrays() | {"words": np.ones(8)}), "words: dtype float64, expected strings"),
    "tokens": (lambda: npz(arrays() | {"tokens": np.array([[1, 2]])}), "tokens: a list with a list, expected a list"),
    "not an array": (lambda: with_member("evil.py", b"import os"), "member 'evil.py', expected arrays"),
    "not npy": (lambda: with_member("E2.npy", b"hello"), "E2: damaged .npy header"),
    "too few bytes": (lambda: with_member("z.npy", npy()[:-8]), "bytes of data, expected"),
    "too many bytes": (lambda: with_member("z.npy", npy() + b"x"), "bytes of data, expected"),
    "cut": (lambda: npz(arrays())[:-30], "damaged .npz"),
    "flipped": (lambda: npz(arrays()).replace(b"\x9a\x99", b"\x9a\x98", 1), "damaged .npz, expected one that can be unpacked .Bad CRC"),
    "empty zip": (lambda: npz({}), "E: missing"),
}  # fmt: skip


def npy() -> bytes:
    out = io.BytesIO()
    np.save(out, np.ones((2, 2)))
    return out.getvalue()


@pytest.mark.parametrize("case", BAD_NPZ)
def test_a_bad_npz_is_one_line(case: str, tmp_path: Path) -> None:
    make, message = BAD_NPZ[case]
    path = tmp_path / "m"
    path.write_bytes(make())
    with pytest.raises(InputError, match=message) as err:
        read_model(path)
    assert str(err.value).startswith(f"{path}: ")
    assert str(err.value).isprintable()


def test_a_tensor_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = with_member("E.npy", npy())
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(InputError, match=r"'E\.npy' stands twice"):
        read_model(tmp_path / "m")


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", ">f8"])
def test_other_floats_are_widened(dtype: str, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(npz({k: np.asfortranarray(v.astype(dtype)) for k, v in arrays().items()}))
    read = read_model(path)
    assert read.words[3] == "w3"
    assert read.tokens == (0, 1, 2, 3, 4)
    for name, array in arrays().items():
        np.testing.assert_array_equal(read.params[name], array.astype(dtype).astype(float))


def test_size_limits_hold_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("E.npy", bytes(10_000_000))
    assert path.stat().st_size < 20_000
    with pytest.raises(InputError, match=r"^\S+: 10000000 bytes unpacked, expected at most 1000000"):
        read_model(path, max_bytes=1_000_000)
    with pytest.raises(InputError, match=r"expected at most 10 \(--max-bytes\)"):
        read_model(path, max_bytes=10)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    for name, message in (
        ("pipe", "not a regular file"), (".", "a folder, expected"), ("none", "No such file"),
        ("empty", "empty, expected"), ("latin", "byte 0 is not UTF-8"), ("a\0b", "a NUL in its name, expected"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message) as err:
            read_model(tmp_path / name)
        assert str(err.value).isprintable()


def test_random_damage_never_escapes_as_another_error(tmp_path: Path) -> None:
    """600 files with a few damaged bytes: either still a good model or one line."""
    rng = np.random.default_rng(5)
    path = tmp_path / "m"
    originals = [npz(arrays()), TINY.encode()]
    for i in range(600):
        data = bytearray(originals[i % 2])
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(data[: int(rng.integers(len(data)))] if i % 7 == 0 else data)
        problem = ""
        try:
            read_model(path)
        except InputError as err:
            problem = str(err)
        assert len(problem) <= 300
        assert problem.isprintable()


def test_tokens_from_text_take_the_longest_word() -> None:
    model = tiny_model()
    assert model.tokens_from_text("糖尿病の治療") == (1, 2, 3, 4, 5)
    assert model.tokens_from_text(" 病 の  薬 ") == (3, 4, 0)
    words = ("a", "ab", "abc", "b c", "c", "x", "y", "z")
    spaced = Model(model.config, words, (0,), model.params)
    assert spaced.tokens_from_text("abcab c") == (2, 1, 4)
    assert spaced.tokens_from_text("ab ca") == (1, 4, 0)
    assert spaced.tokens_from_text("b c") == (3,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("糖尿x", "'x' at character 3"),
        ("治", "'治' at character 1"),
        ("  ", "tokens: none"),
        ("糖" * 6, "at most 5"),
    ],
)
def test_text_without_a_word_names_the_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny_model().tokens_from_text(text)


def test_tokens_from_ids_or_words() -> None:
    model = tiny_model()
    assert model.tokens_from_ids("1 2,3") == (1, 2, 3)
    assert model.tokens_from_ids("糖, 尿 病") == (1, 2, 3)
    for spec, message in (
        ("", "none"),
        ("1 9", "id 9 at place 2"),
        ("-1", "id -1"),
        ("糖 1", "'1' is not a word"),
    ):
        with pytest.raises(InputError, match=message):
            model.tokens_from_ids(spec)


def test_messages_are_one_short_line() -> None:
    assert one_line("a\nb\x1b[31m\u202e") == "a\\nb\\x1b[31m\\u202e"
    assert len(one_line("x" * 1000)) == 300
