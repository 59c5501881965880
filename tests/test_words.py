"""Words as labels: what looks the same is told apart, and spaces stand where script and tokenizer have them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from tensorreel.cli.grids import MAX_LABEL, word_labels
from tensorreel.core.engine import forward
from tensorreel.core.errors import InputError
from tensorreel.core.labels import carries_spaces, spaced, visible
from tensorreel.core.labels import labels as shown_as
from tensorreel.core.model import Model
from tensorreel.models import tiny_model
from tensorreel.publish.plain import sentence
from tensorreel.visuals.lettering.apart import ELLIPSIS, told_apart
from tensorreel.visuals.lettering.glyphs import Pen, shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.stage.sentence import Sentence

PEN = Pen(theme.DARK)


def named(*words: str, tokens: tuple[int, ...] = (0, 1, 2)) -> Model:
    """The tiny model with these words, the others being letters."""
    return replace(
        tiny_model(), words=(*words, *"pqrstuvw"[: 8 - len(words)]), glosses=(), readings=(), tokens=tokens
    )


# ---- what is written for a piece ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (" The", "␣The"),
        ("of ", "of␣"),
        ("  ", "␣␣"),
        ("a b", "a b"),
        ("a  b", "a␣␣b"),
        ("\n", "⏎"),
        ("\r\n\t", "\\r⏎\\t"),
        ("", "∅"),
        ("\u3000", "\\u3000"),
        ("\u00a0x", "\\xa0x"),
        ("▁the", "▁the"),
        ("Ġthe", "Ġthe"),
        ("##ing", "##ing"),
        ("\ufffd", "\ufffd"),
    ],
    ids=ascii,
)
def test_what_a_piece_holds_can_be_seen(word: str, shown: str) -> None:
    assert visible(word) == shown


@pytest.mark.parametrize(
    "words",
    [
        ("\ufffd", "\ufffd", "a"),
        ("", "∅", "x"),
        ("\n", "⏎", "\\n"),
        (" The", "␣The", "The"),
        ("\u00e9", "e\u0301", "e"),
        ("a\u200d", "a", "b"),
        ("\x1b", "\\x1b", "c"),
        ("x", "x", "x#0", "x#1", "x#0#2", "x"),
    ],
    ids=ascii,
)
def test_what_looks_the_same_bears_its_id(words: tuple[str, ...]) -> None:
    shown = shown_as(words)
    assert len(set(shown)) == len(words)
    for i, (word, label) in enumerate(zip(words, shown, strict=True)):
        assert label == visible(word) or label.endswith(f"#{i}")


@given(st.lists(st.text(max_size=3), max_size=8))
def test_labels_of_any_vocabulary_differ(words: list[str]) -> None:
    assert len(set(shown_as(words))) == len(words)


def test_a_word_of_several_ids_is_asked_for_by_id_or_label() -> None:
    model = named("\ufffd", "\ufffd", " The", "The")
    assert model.tokens_from_ids("\ufffd#1 The ␣The") == (1, 3, 2)
    for ask in (model.tokens_from_ids, model.tokens_from_text):
        with pytest.raises(
            InputError, match=r"'\ufffd' is the word of 2 ids \(0, 1\), expected ids or such as \ufffd#0"
        ):
            ask("The \ufffd")
    assert model.tokens_from_text("The The") == (3, 2)


def test_documents_and_terminal_show_what_the_film_shows() -> None:
    trace = forward(named("\n", "\ufffd", "\ufffd"))
    assert trace.labels == ("⏎", "\ufffd#1", "\ufffd#2")
    assert sentence(trace) == "⏎ \ufffd#1 \ufffd#2"
    assert word_labels(trace.labels) == list(trace.labels)


# ---- spaces -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("Лечение", "диабета", "."), "Лечение диабета. "),
        (("η", "θεραπεία", ";"), "η θεραπεία; "),
        (("당뇨병", "치료"), "당뇨병 치료 "),
        (("मधुमेह", "का", "उपचार", "।"), "मधुमेह का उपचार। "),
        (("café", "à", "la", "crème"), "café à la crème "),
        (("résumé\u0301", "x"), "résumé\u0301 x "),
        (("علاج", "السكري"), "علاج السكري "),
        (("糖", "尿", "病", "の", "治療"), "糖尿病の治療"),
        (("か\u3099", "か\u3099"), "か\u3099か\u3099"),
        (("カー", "々", "、", "あ"), "カー々、あ"),
        (("การ", "รักษา"), "การรักษา"),
        (("AI", "と", "x"), "AIとx "),
        (("play", "##ing", "it"), "play##ing it "),
        (("un@@", "do", "(", "it", ")", "!"), "un@@do (it)! "),
        (("“", "so", "”", ",", "he"), "“so”, he "),
        (("[CLS]", "the", "[SEP]"), "[CLS] the [SEP] "),
        ((" The", " cat", "s", "."), " The cats."),
        (("▁the", "▁cat", "s"), "▁the▁cats"),
        (("Ġthe", "Ċ"), "ĠtheĊ"),
        (("the</w>", "cat</w>"), "the</w>cat</w>"),
        (("a", " ", "b"), "a b"),
    ],
    ids=ascii,
)
def test_spaces_stand_where_the_script_has_them(words: tuple[str, ...], text: str) -> None:
    spaces = spaced(words, carries_spaces(words))
    assert "".join(word + " " * space for word, space in zip(words, spaces, strict=True)) == text


def test_the_vocabulary_decides_for_a_sentence_without_marks() -> None:
    whole, pieces = named("un", "do", "it"), named("un", "do", "it", " the")
    assert forward(whole).spaces == (True, True, True)
    assert forward(pieces).spaces == (False, False, False)


@pytest.mark.parametrize(("words", "apart"), [(("аб", "вг"), True), (("糖", "尿"), False)])
def test_the_sentence_is_drawn_with_its_spaces(words: tuple[str, ...], apart: bool) -> None:
    trace = forward(named(*words, tokens=(0, 1)))
    made = Sentence(trace.labels, trace.tokens, PEN, spaces=trace.spaces)
    first, second = made.words
    gap = second.origin[0] - (first.origin[0] + first.advance)
    assert gap == pytest.approx(0.28 * made.size if apart else 0.0, abs=0.02)


# ---- labels that stand together -----------------------------------------------------------------------------
ALIKE = (
    ("hyperglycemia", "hyperglycemic", "hyperinsulinemia", "hypertension", "hypoglycemia"),
    tuple(f"word{i}" for i in range(16)),
    ("aXXXXXXXXb", "aXXXXYXXXb", "aXXXXZXXXb", "a", "a…b"),
    ("மருந்து", "மருந்தகம்", "மருத்துவர்", "நீரிழிவு"),
    ("か\u3099" * 9, "か\u3099" * 8 + "き", "か" * 9, "(1)", "(1)′"),
    ("糖尿病性腎症", "糖尿病性網膜症", "糖尿病性神経障害"),
)


@pytest.mark.parametrize("words", ALIKE, ids=lambda w: ascii(w[0])[:12])
@pytest.mark.parametrize("room", range(1, 16))
def test_labels_that_stand_together_can_be_told_apart(words: tuple[str, ...], room: int) -> None:
    """Each label fits or is a place in the row, is made of whole letters, and can be meant by one word only."""

    def letters(text: str) -> list[str]:
        return list(iter_graphemes(text))

    def cut(text: str) -> str:
        parts = letters(text)
        return text if len(parts) <= room else "".join(parts[: room - 1]) + ELLIPSIS

    told = told_apart(words, cut, lambda t: len(letters(t)) <= room, letters)
    assert len(set(told.values())) == len(words)
    for word, label in told.items():
        placed = label.rstrip("′").endswith(f"({words.index(word) + 1})")
        assert len(letters(label)) <= room or placed
        if label == word or placed:
            continue
        first, *_, last = label.split(ELLIPSIS)
        assert [*letters(word)[: len(letters(first))]] == letters(first)
        assert not last or letters(word)[-len(letters(last)) :] == letters(last)
        short = [other for other in words if other != word and told[other] != other]
        inner = label.split(ELLIPSIS)[1:-1]
        assert not any(o.startswith(first) and o.endswith(last) and all(p in o for p in inner) for o in short)


def test_what_need_not_be_told_apart_is_cut_at_its_end() -> None:
    words = ("insulin resistance", "diabetes", "x")
    alone = [shortened(word, PEN, 0.4, 1.0) for word in words]
    assert [shortened(word, PEN, 0.4, 1.0, among=words) for word in words] == alone


@pytest.mark.parametrize("width", [0.3, 0.7, 1.1, 1.6, 4.0])
def test_on_the_stage_as_well(width: float) -> None:
    words = ALIKE[0]
    assert len({shortened(word, PEN, 0.33, width, among=words) for word in words}) == len(words)
    pen = Pen(theme.DARK, words=words)
    assert [shortened(w, pen, 0.33, width) for w in words] == [
        shortened(w, PEN, 0.33, width, among=words) for w in words
    ]


def test_in_terminal_and_documents_as_well() -> None:
    long = [f"{'x' * 50}{end}" for end in "ab"]
    shown = word_labels(long)
    assert len(set(shown)) == 2
    assert all(len(word) <= MAX_LABEL for word in shown)
    a, b, _ = sentence(forward(named(*long))).split()
    assert a != b
