"""``make browser``: a Chromium for the tests of pages and for the screenshots: found here, or else installed.

``python -m deploy.browser`` prints where it is. Nothing is downloaded while one is on the machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.commands import exit_code_of
from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A bare machine may have no font at all, or none with every Vietnamese letter; Noto has them.
_DEBIAN = ("chromium", "chromium-sandbox", "fonts-noto-core")
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_ASK_DEBIAN = ["apt-get", "--quiet", "--quiet"]


class BrowserSettings(BaseSettings):
    """Settings of whoever opens pages, read from ``CCHC_…``."""

    model_config = SettingsConfigDict(env_prefix="CCHC_", frozen=True, extra="ignore")

    browser: Path | None = Field(None, description="The program of a Chromium; looked for when not set.")


def find() -> Path | None:
    """The Chromium that is set, else one on PATH, else the one that Playwright keeps.

    Raises:
        WrongUse: the one that is set is not there.
    """
    chosen = BrowserSettings().browser
    if chosen is not None:
        if not os.access(chosen, os.X_OK):
            raise WrongUse(f"CCHC_BROWSER is {chosen}, which is no program.", next_step="Correct it or take it away.")
        return chosen
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else _of_playwright()


def _of_playwright() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def install() -> Path:
    """Find one, or install Debian's, or else the one that Playwright brings.

    Raises:
        WrongUse: neither could be had.
    """
    for bring in (lambda: True, _install_from_debian, _install_from_playwright):
        if bring() and (found := find()):
            return found
    raise WrongUse(
        "There is no Chromium on this machine, and none could be installed.",
        next_step="Install one (Debian: `apt-get install chromium`), or name one in CCHC_BROWSER.",
    )


def _install_from_debian() -> bool:
    """Whether it was tried: not without apt-get, and not by somebody who would be asked for a password."""
    if shutil.which("apt-get") is None:
        return False
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and (shutil.which("sudo") is None or subprocess.run([*root, "true"], check=False).returncode):
        return False
    _say("Installing Debian's chromium (once, a minute or less) …")
    install = ["install", "--yes", "--no-install-recommends", *_DEBIAN]
    for command in (["update"], install):
        asked = [*root, "env", "DEBIAN_FRONTEND=noninteractive", *_ASK_DEBIAN, *command]
        subprocess.run(asked, check=False, stdout=sys.stderr)
    return True


def _install_from_playwright() -> bool:
    _say("Asking Playwright for its chromium (once) …")
    asked = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(asked, check=False, stdout=sys.stderr).returncode == 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that asks nobody for updates; it ends with the block.

    Raises:
        WrongUse: there is none on this machine.
    """
    path = find()
    if path is None:
        raise WrongUse("There is no Chromium on this machine.", next_step="Say `make browser`.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox does not work for root; Playwright leaves it off unless told.
        browser = playwright.chromium.launch(
            executable_path=path, args=list(_FLAGS), chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def main() -> int:
    """Print the path of a Chromium; the exit code of the error's class when there is none."""
    return exit_code_of(lambda: sys.stdout.write(f"{install()}\n"))


if __name__ == "__main__":
    sys.exit(main())
