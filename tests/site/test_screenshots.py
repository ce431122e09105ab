"""The pictures of the docs: every one of them, in the size and the light that its name says."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deploy import screenshots
from pipelines.domain.errors import InternalFault, WrongUse

_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>x</title>
<style>:root { color-scheme: light dark }</style><h1>Tiến độ</h1>"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pages of the names that are wanted, on which nothing moves."""
    monkeypatch.setattr(screenshots, "_SETTLE_MS", 0)
    folder = tmp_path / "site"
    folder.mkdir()
    for picture in screenshots.pictures():
        (folder / picture.page).write_text(_PAGE, encoding="utf-8")
    return folder


def _size(png: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", png.read_bytes()[16:24])
    return width, height


def test_each_picture_is_taken(browser: Browser, site: Path, tmp_path: Path) -> None:
    taken = screenshots.take(browser, site, tmp_path / "images")
    assert [p.stem for p in taken] == [
        *("overview-desktop", "overview-phone", "agency-desktop", "agency-phone"),
        *("indicator-desktop", "indicator-phone", "overview-dark"),
    ]
    for path in taken:
        assert _size(path) == ((780, 1688) if path.stem.endswith("phone") else (2880, 1800)), path
    assert taken[0].read_bytes() == taken[2].read_bytes() != taken[-1].read_bytes()


def test_a_large_one_is_taken_less_fine_or_not_at_all(
    browser: Browser, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, path = screenshots.pictures()[1], tmp_path / "picture.png"
    fine = screenshots.take_one(browser, site, phone, path).stat().st_size
    monkeypatch.setattr(screenshots, "LARGEST", fine - 1)
    assert _size(screenshots.take_one(browser, site, phone, path)) == (390, 844)
    monkeypatch.setattr(screenshots, "LARGEST", 10)
    with pytest.raises(InternalFault, match="more than 10"):
        screenshots.take_one(browser, site, phone, path)


def test_a_site_without_the_pages_is_refused(browser: Browser, site: Path, tmp_path: Path) -> None:
    (site / "agency-H15.07.html").unlink()
    with pytest.raises(WrongUse, match=r"has no agency-H15\.07\.html"):
        screenshots.take(browser, site, tmp_path)
