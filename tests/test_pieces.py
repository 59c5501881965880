"""Pieces of tokenizers as a reader wants them, and text cut by the model's own tokenizer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tensorreel.core import labels
from tensorreel.core.errors import EnvironmentProblem, InputError
from tensorreel.models import pieces
from tensorreel.models.pieces import Pieces, described, words_of


def tokenizer(vocab: Any, added: Any = (), **more: Any) -> dict[str, Any]:
    return {"model": {"type": "BPE", "vocab": vocab}, "added_tokens": list(added), **more}


def special(i: int, content: str, **more: Any) -> dict[str, Any]:
    return {"id": i, "content": content, "special": True, **more}


BYTES = {"pre_tokenizer": {"type": "ByteLevel"}}
SHOWN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "byte-level": (
        tokenizer({"the": 0, "Ġthe": 1, "Ċ": 2, "ç³ĸ": 3, "ç³": 4, "Ā": 5, "ĠĠ": 6, "ē": 8}, [special(7, "<|endoftext|>")], **BYTES),
        ["the", "␣the", "⏎", "糖", "‹E7 B3›", "‹00›", "␣␣", "‹endoftext›", "‹13›"],
    ),
    "pieces of sentences": (
        tokenizer([["<s>", 0.0], ["▁the", -1.0], ["s", -2.0], ["<0x0A>", -3.0], ["<0xE7>", -3.5]], [special(0, "<s>")]),
        ["‹s›", "␣the", "s", "⏎", "‹E7›"],
    ),
    "pieces of words": (
        tokenizer({"[CLS]": 0, "run": 1, "##ning": 2}, [special(0, "[CLS]")]),
        ["‹CLS›", "run", "##ning"],
    ),
    "a token that was added": (tokenizer({"a": 0}, [special(1, "<|im|>", special=False)]), ["a", "<|im|>"]),
    "rows without a piece": (tokenizer({"a": 0, "b": 3, "far": 9}), ["a", "‹1›", "‹2›", "b", "‹4›"]),
    "the same twice": (tokenizer([["a", 0], ["b", 0], ["a", 0]]), ["a#0", "b", "a#2"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SHOWN)
def test_pieces_are_shown_as_a_reader_wants_them(case: str) -> None:
    content, wanted = SHOWN[case]
    assert list(labels.labels(words_of(content, len(wanted), "t"))) == wanted


@pytest.mark.parametrize(
    "content", [{}, {"model": 3}, {"model": {"vocab": {"a": -1}}}, {"model": {"vocab": {"a": "x"}}}]
)
def test_a_vocabulary_that_is_none_is_one_line(content: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"t: model.vocab: "):
        words_of(content, 3, "t")


def test_what_a_tokenizer_is() -> None:
    assert described(SHOWN["byte-level"][0], "t") == "BPE, 9 pieces (tokenizer.json)"


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A byte-level tokenizer with padding and truncation switched on, as some files have them."""
    library = pytest.importorskip("tokenizers", reason="no tokenizers: the extra tensorreel[hf]")
    made = library.Tokenizer(library.models.BPE())
    made.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=280,
        special_tokens=["<s>"],
        initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(["the cat sat on the mat\n"] * 9, trainer)
    made.post_processor = library.processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", made.token_to_id("<s>"))]
    )
    made.enable_padding(length=64)
    made.enable_truncation(3)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def test_a_text_is_cut_as_the_tokenizer_cuts_it_and_nothing_is_padded_or_cut_off(trained: Path) -> None:
    words = words_of(json.loads(trained.read_text()), 280, "t")
    found = [words[i] for i in Pieces(trained)("the cat sat 糖")]
    assert found[:4] == ["‹s›", "the", " cat", " sat"]
    assert "".join(found[4:]) == " ‹E7›‹B3›‹96›"


def test_without_the_library_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(EnvironmentProblem, match=r"tokenizers is not installed, expected tensorreel\[hf\]"):
        Pieces(tmp_path / "tokenizer.json")("a")


def test_a_broken_tokenizer_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="no tokenizers: the extra tensorreel[hf]")
    (tmp_path / "tokenizer.json").write_text('{"model": {}}')
    with pytest.raises(InputError, match=r"tokenizer.json: no tokenizer, expected one of the library"):
        Pieces(tmp_path / "tokenizer.json")("a")
    with pytest.raises(InputError, match="no such file, expected the tokenizer of the model"):
        Pieces(tmp_path / "none.json")("a")


def test_every_byte_has_one_character() -> None:
    table = pieces._bytes_of_characters()
    assert sorted(table.values()) == list(range(256))
    assert (table["A"], table["Ġ"], table["Ċ"], table["Ā"]) == (65, 32, 10, 0)
