"""Every scene in every language: captions fit and stay long enough, labels keep their room, and numbers are the model's.

The table of languages decides what is run; a new catalogue is looked at by the slow lane without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tensorreel.scenes import SCENES

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.audit import audit_case
from tensorreel.review.cases import Case
from tensorreel.review.lint import lint_case
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.words.languages import LANGUAGES

TINY = forward(tiny_model())
OTHERS = [lang for lang in LANGUAGES if lang not in ("en", "ja")]
FAST = ("en", "ja", *OTHERS[:1])


def each() -> Iterator[Any]:
    """A case for every language and scene."""
    for lang in LANGUAGES:
        for scene in SCENES:
            yield pytest.param(lang, scene, marks=[] if lang in FAST else pytest.mark.slow)


@pytest.mark.parametrize(("lang", "scene"), [*each()])
def test_a_scene_is_legible_in_every_language(lang: str, scene: str) -> None:
    findings, beats = lint_case(Case(scene, "tiny", TINY, SceneOptions(lang=lang)))
    assert findings == []
    assert beats


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_is_the_models_in_every_language(lang: str) -> None:
    for scene in SCENES:
        assert audit_case(Case(scene, "tiny", TINY, SceneOptions(lang=lang))).findings == [], scene
