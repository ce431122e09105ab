"""What every page is held to while a test has it open, and the check of its accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_LOCAL = {"file", "data", "blob", "about"}
# WCAG 2.2 AA and all that is below it.
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},  # of 2.2; axe leaves it off unless told
    "resultTypes": ["violations"],
}
# What may be otherwise in the dark: all else is the same page.
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "rules": {}}


@dataclass
class Watch:
    """What the pages of one context did that they must not do."""

    seen: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Look at every page of the context, the ones it opens later included."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self.seen.append(f"error in the page: {error.error}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in _LOCAL:
            self.seen.append(f"request to the network: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # so end downloads, and loads that a next page cuts short
            self.seen.append(f"not found: {request.url} ({request.failure})")


@contextmanager
def guarded_page(browser: Browser, **context: object) -> Iterator[Page]:
    """A page without a network, as a reader in the province has it: Vietnamese, light, on a desktop.

    Args:
        browser: opens it.
        context: what is different, as Playwright names it (``color_scheme``, ``viewport``, …).

    Raises:
        AssertionError: at the end, when it wrote to the console, failed, or asked for what is not on the disk.
    """
    usual = {"viewport": DESKTOP, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "offline": True}
    watch = Watch()
    opened = browser.new_context(**(usual | context))  # type: ignore[arg-type]
    try:
        watch.over(opened)
        page = opened.new_page()
        yield page
        if not page.is_closed():
            page.evaluate("1")  # what it has said by now has arrived
    finally:
        opened.close()
    assert not watch.seen, "\n".join(watch.seen)


def no_violations(page: Page, *, colours_alone: bool = False) -> None:
    """The page keeps WCAG 2.2 AA as far as axe-core can tell.

    Args:
        page: as it is shown.
        colours_alone: only what colours decide, where the same page in other colours was looked at as a whole.

    Raises:
        AssertionError: it does not; the message names each rule and element.
    """
    found = Axe().run(page, options=_RULES | (_COLOURS if colours_alone else {}))
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
