"""``make screenshots``: the pages of a published home as pictures for the docs.

``python -m deploy.screenshots [HOME]``; without a home, the demonstration is made in a folder of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from deploy.browser import chromium
from deploy.commands import exit_code_of, say
from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.storage.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
LARGEST = 400_000
_VIEWPORTS: dict[str, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
# An agency whose inspection is planted, and the indicator that the 100 % of the law is about.
_PAGES = {"overview": "index.html", "agency": "agency-H15.07.html", "indicator": "indicator-WORK_FILE_A.html"}
_DRAWN = "() => [...document.querySelectorAll('figure.chart .plot')].every(plot => plot.querySelector('svg'))"
_SETTLE_MS = 300


@dataclass(frozen=True)
class Picture:
    """One picture: of which page, how wide, light or dark."""

    name: str
    page: str
    viewport: ViewportSize
    scheme: Literal["light", "dark"] = "light"


def pictures() -> list[Picture]:
    """All that the docs show."""
    light = [
        Picture(f"{name}-{width}", page, viewport)
        for name, page in _PAGES.items()
        for width, viewport in _VIEWPORTS.items()
    ]
    return [*light, Picture("overview-dark", _PAGES["overview"], _VIEWPORTS["desktop"], "dark")]


def take(browser: Browser, site: Path, folder: Path) -> list[Path]:
    """Take every picture of a site.

    Raises:
        WrongUse: a page is not there.
        InternalFault: a picture is larger than a repository should hold.
    """
    missing = sorted({p.page for p in pictures() if not (site / p.page).exists()})
    if missing:
        raise WrongUse(
            f"{site} has no {', '.join(missing)}.",
            next_step="Name a home that `cchc demo` or `cchc run` has published.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    return [take_one(browser, site, picture, folder / f"{picture.name}.png") for picture in pictures()]


def take_one(browser: Browser, site: Path, picture: Picture, path: Path) -> Path:
    """One picture, twice as fine as the screen where the size allows it.

    Raises:
        InternalFault: it is larger than a repository should hold.
    """
    for scale in (2, 1):
        context = browser.new_context(
            viewport=picture.viewport,
            color_scheme=picture.scheme,
            device_scale_factor=scale,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto((site / picture.page).resolve().as_uri())
        _wait_until_drawn(page)
        page.screenshot(path=path)
        context.close()
        if path.stat().st_size <= LARGEST:
            return path
    raise InternalFault(f"{path} has {path.stat().st_size:,} bytes, more than {LARGEST:,}.")


def _wait_until_drawn(page: Page) -> None:
    page.wait_for_function(_DRAWN)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_timeout(_SETTLE_MS)


@contextmanager
def _published(home: str | None) -> Iterator[Home]:
    """The home that is named, or the demonstration."""
    if home is not None:
        yield Home(Path(home))
        return
    with TemporaryDirectory(prefix="cchc-screenshots-") as folder:
        program = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]
        subprocess.run([*program, "demo", "--home", folder], check=True)
        yield Home(Path(folder))


def main(home: str | None = None) -> int:
    """Take the pictures; the exit code of the error's class when something is wrong."""
    return exit_code_of(lambda: _take_of(home))


def _take_of(home: str | None) -> None:
    with _published(home) as published, chromium() as browser:
        for path in take(browser, published.site, IMAGES):
            say(f"{path}  {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
