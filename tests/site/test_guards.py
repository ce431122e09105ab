"""The guards themselves: what a page must not do is seen, and a good page passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.guards import guarded_page, no_violations

_GOOD = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Tiến độ</title></head>
<body><main><h1>Tiến độ</h1>{}</main></body></html>"""


def _page(folder: Path, content: str) -> str:
    path = folder / "page.html"
    path.write_text(_GOOD.format(content), encoding="utf-8")
    return path.as_uri()


def _complaint(browser: Browser, do: Callable[[Page], None]) -> str:
    with pytest.raises(AssertionError) as failed, guarded_page(browser) as page:
        do(page)
    return str(failed.value)


def test_a_good_page_passes(page: Page, tmp_path: Path) -> None:
    page.goto(_page(tmp_path, '<img alt="một điểm" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'))
    no_violations(page)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<script>console.error('Tôi sai')</script>", "console error: Tôi sai"),
        ("<script>console.warn('Có lẽ')</script>", "console warning: Có lẽ"),
        ("<script>throw new Error('hỏng')</script>", "error in the page: hỏng"),
        ("<script>setTimeout(() => Promise.reject(new Error('muộn')), 0)</script>", "error in the page: muộn"),
        ("<script>fetch('https://example.invalid/a').catch(() => 0)</script>", "network: https://example.invalid/a"),
        ('<img alt="x" src="http://127.0.0.1:9/x.png">', "network: http://127.0.0.1:9/x.png"),
        ('<img alt="x" src="missing.png">', "missing.png (net::ERR_FILE_NOT_FOUND)"),
    ],
)
def test_what_a_page_must_not_do_is_seen(browser: Browser, tmp_path: Path, content: str, told: str) -> None:
    def stay(page: Page) -> None:
        page.goto(_page(tmp_path, content))
        page.wait_for_timeout(50)

    assert told in _complaint(browser, stay)


def test_a_page_that_it_opens_is_watched_too(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text("<script>console.error('kia')</script>", encoding="utf-8")

    def follow(page: Page) -> None:
        page.goto(_page(tmp_path, '<a target="_blank" href="other.html">khác</a>'))
        with page.expect_popup() as popup:
            page.click("a")
        popup.value.wait_for_load_state()

    assert "kia" in _complaint(browser, follow)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p style="color: #bbb; background: #fff">mờ</p>', "color-contrast"),
        ("<button>a</button><button style='height:9px;width:9px;padding:0'>b</button>", "target-size"),
        ("<input type='text'>", "label"),
    ],
)
def test_what_keeps_readers_out_is_a_violation(page: Page, tmp_path: Path, content: str, rule: str) -> None:
    page.goto(_page(tmp_path, content))
    for colours_alone in {False, rule == "color-contrast"}:
        with pytest.raises(AssertionError, match=rf"\b{rule}\b"):
            no_violations(page, colours_alone=colours_alone)
