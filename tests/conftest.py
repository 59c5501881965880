"""What all tests share: a cache of their own, so that none of them finds what another one made."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty cache folder, also for the processes that a test starts."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TENSORREEL_CACHE_DIR", str(folder))
    return folder
