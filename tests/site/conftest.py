"""A browser that opens the pages from disk; see ``guards``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from deploy.browser import chromium
from tests.site.guards import guarded_page


# Playwright keeps an event loop running in the thread: it must have ended before another folder's tests start theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this folder."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; what it must not do fails the test at its end."""
    with guarded_page(browser) as opened:
        yield opened
