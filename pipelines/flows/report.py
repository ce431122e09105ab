"""Writes the pages of the published snapshot, in one step: a reader sees all old or all new."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import Settings
from pipelines.site.script import chart_script
from pipelines.site.writing import FIRST_PAGE, write_site
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_snapshot, open_current


@dataclass(frozen=True)
class ReportResult:
    """The first page and the others."""

    index: Path
    pages: tuple[Path, ...]


def report(settings: Settings) -> ReportResult:
    """Write ``site/``: the overview, a page for every agency and every indicator, the heat table.

    The pages are written beside the current ones and then take their place.

    Raises:
        WrongUse: nothing is published yet.
    """
    home = Home(settings.home)
    home.sites.mkdir(parents=True, exist_ok=True)
    snapshot = current_snapshot(home).name
    charts = chart_script(settings.parsing_cache or home.build / "charts")
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home.sites))
    draft.chmod(0o755)
    try:
        with open_current(home) as connection:
            names = write_site(connection, draft, rule=settings.default_rule, charts=charts)
        _show(home, draft, snapshot)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return ReportResult(home.site / FIRST_PAGE, tuple(home.site / n for n in names))


def _show(home: Home, draft: Path, snapshot: str) -> None:
    """Give the draft its name and let ``site`` point to it, in one rename."""
    final = home.sites / f"{snapshot}-{draft.name.removeprefix('.draft-')}"
    draft.rename(final)
    link = home.sites / f".link-{final.name}"
    link.symlink_to(os.path.relpath(final, home.site.parent))
    link.replace(home.site)
    for other in home.sites.iterdir():
        if other != final and not other.name.startswith("."):
            shutil.rmtree(other, ignore_errors=True)
