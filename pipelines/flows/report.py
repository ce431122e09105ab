"""Writes the pages of the published snapshot, in one step: a reader sees all old or all new."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.flows.headline import Headline, headline
from pipelines.flows.inspection import inspect_marts
from pipelines.flows.inspection_parts import Inspection
from pipelines.flows.render import page, render
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_snapshot, open_current

_PAGED_LEVELS = ("province", "district")


@dataclass(frozen=True)
class ReportResult:
    """The first page, the other pages, and the headline that the first page shows."""

    index: Path
    pages: tuple[Path, ...]
    headline: Headline | None


def report(settings: Settings) -> ReportResult:
    """Write ``site/index.html`` and a page for every department and district.

    The pages are written beside the current ones and then take their place.

    Raises:
        WrongUse: nothing is published yet.
    """
    home = Home(settings.home)
    home.sites.mkdir(parents=True, exist_ok=True)
    snapshot = current_snapshot(home).name
    connection = open_current(home)
    try:
        found = headline(connection, rule=settings.default_rule)
        inspections = []
        if found is not None:
            shown = [a.agency_code for a in found.agencies if a.level in _PAGED_LEVELS]
            months = (found.first_month, found.last_month)
            inspections = [inspect_marts(connection, code, months, settings.default_rule) for code in shown]
    finally:
        connection.close()
    names = _write_site(home, snapshot, found, inspections)
    return ReportResult(home.site / "index.html", tuple(home.site / n for n in names), found)


def _write_site(home: Home, snapshot: str, found: Headline | None, inspections: list[Inspection]) -> list[str]:
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home.sites))
    draft.chmod(0o755)
    try:
        names = {i.agency_code: f"agency-{i.agency_code}.html" for i in inspections}
        for inspection in inspections:
            (draft / names[inspection.agency_code]).write_text(render(inspection, "html"), encoding="utf-8")
        first = page("index.html.j2", headline=found, pages=names) if found else page("empty.html.j2")
        (draft / "index.html").write_text(first, encoding="utf-8")
        _show(home, draft, snapshot)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return sorted(names.values())


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
