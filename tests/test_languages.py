"""Every scene in every language: captions fit and stay long enough, labels keep their room, and numbers are the model's.

The table of languages decides what is run; a new catalogue is looked at by the slow lane without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tensorreel.scenes import film

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.audit import audit_case
from tensorreel.review.between import MOMENTS
from tensorreel.review.cases import Case
from tensorreel.review.lint import lint_case
from tensorreel.visuals.lettering.fontfiles import resolve_font
from tensorreel.visuals.lettering.glyphs import Pen
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.stage.furniture import wrapped
from tensorreel.words.languages import LANGUAGES

TINY = forward(tiny_model())
OTHERS = [lang for lang in LANGUAGES if lang not in ("en", "ja")]
FAST = ("en", "ja", *OTHERS[:1])


def each() -> Iterator[Any]:
    """A case for every language and scene; what is on its way in others than English is looked at in the slow lane."""
    for lang in LANGUAGES:
        for scene in film():
            yield pytest.param(lang, scene, MOMENTS, marks=[] if lang == "en" else pytest.mark.slow)
            if lang in FAST[1:]:
                yield pytest.param(lang, scene, 0)


@pytest.mark.parametrize(("lang", "scene", "moments"), [*each()])
def test_a_scene_is_legible_in_every_language(lang: str, scene: str, moments: int) -> None:
    findings, beats = lint_case(Case(scene, "tiny", TINY, SceneOptions(lang=lang)), moments=moments)
    assert findings == []
    assert beats


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_is_the_models_in_every_language(lang: str) -> None:
    for scene in film():
        assert audit_case(Case(scene, "tiny", TINY, SceneOptions(lang=lang))).findings == [], scene


def test_chinese_characters_have_the_shapes_of_their_language() -> None:
    """From one file the language's own face; regular and bold; others as Japanese."""
    film = resolve_font()
    if "CJK" not in film.name:
        pytest.skip(f"{film.name} has no faces for other languages")
    assert {lang: resolve_font(None, lang).name[-2:] for lang in ("en", "ja", "fr", "zh-Hans", "ko")} == {
        "en": "JP",
        "ja": "JP",
        "fr": "JP",
        "zh-Hans": "SC",
        "ko": "KR",
    }
    assert resolve_font(film.path, "ko") == resolve_font(None, "ko")
    pens = [Pen(theme.DARK, lang=lang) for lang in ("ja", "zh-Hans")]
    ja, zh = (pen.shape("直", bold=True).points for pen in pens)
    assert not np.array_equal(ja, zh)


def test_lines_end_where_the_language_has_them() -> None:
    for lang, text, ends in (
        ("ja", "あいうえお、かきくけこ", "あいうえお、"),
        ("zh-Hans", "每一行都这样，没有例外。", "每一行都这样，"),
        ("zh-Hans", "每一行都像“病”和“尿”", "每一行都像"),
        ("ko", "단어마다 자기 쿼리가있습니다", "단어마다 자기"),
        ("fr", "Un mot\u00a0: deux\u00a0mots", "Un mot\u00a0:"),
    ):
        pen = Pen(theme.DARK, lang=lang)
        assert wrapped(text, pen, 0.5, 0.75 * pen.width(text, 0.5))[0] == ends, lang
