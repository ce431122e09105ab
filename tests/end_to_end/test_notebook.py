"""The example notebook runs on a home as it is, and shows what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.end_to_end.provinces import province

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebooks" / "first_steps.py"


def _load() -> ModuleType:
    found = importlib.util.spec_from_file_location("first_steps", NOTEBOOK)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What its cells define."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_HOME", str(province(1, 0.02).settings.home))
        _, defined = _load().app.run()
    return dict(defined)


def test_three_questions_have_answers(shown: dict[str, Any]) -> None:
    assert len(shown["by_rule"]) == 6
    parts = shown["by_rule"][["trước hạn", "đúng hạn", "quá hạn", "chưa giải thích được"]].sum(axis=1)
    assert (parts == shown["by_rule"]["đã giải quyết"]).all()
    assert len(shown["by_month"]) >= 3
    assert shown["furthest"]["còn thiếu"].is_monotonic_decreasing
    assert len(shown["furthest"]) == 10


def test_the_chart_is_labelled_in_vietnamese(shown: dict[str, Any]) -> None:
    chart = shown["chart"].to_dict()
    titles = [layer["encoding"][axis]["title"] for layer in chart["layer"] for axis in ("x", "y")]
    assert titles == ["Tháng", "Tỷ lệ hồ sơ trực tuyến", "Tháng", "Chỉ tiêu"]
    assert any(chart["datasets"].values())


def test_it_says_as_of_when(shown: dict[str, Any]) -> None:
    with province(1, 0.02).marts() as marts:
        assert [(shown["known_up_to"],)] == marts.execute("select max(as_of) from marts.rpt_indicator").fetchall()
    assert shown["ages"]["tuổi (ngày)"].min() == 0
