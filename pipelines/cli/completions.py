"""What a shell offers for an option when Tab is pressed. It must come at once, so heavy imports stay out.

Nothing here may fail: where there is nothing to read there is nothing to offer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import typer

Offer = tuple[str, str]


def agencies(incomplete: str) -> list[Offer]:
    """Codes of both generations with the agency's name; those of the old one when its digits are typed."""
    return _published(
        "select agency_code, agency_name from dim_agency where starts_with(agency_code, $1) "
        "union all select legacy_code, agency_name from dim_agency where $1 <> '' and starts_with(legacy_code, $1) "
        "order by 1",
        incomplete,
    )


def sources(incomplete: str) -> list[Offer]:
    """Sources that have a contract."""
    return [(name, "") for name in sorted({p.parent.name for p in _contracts()}) if name.startswith(incomplete)]


def streams(context: typer.Context, incomplete: str) -> list[Offer]:
    """Streams that have a contract, of the source that stands on the line if one does."""
    source = context.params.get("source")
    found = {p.stem: p.parent.name for p in _contracts() if source in (None, p.parent.name)}
    return [(name, found[name]) for name in sorted(found) if name.startswith(incomplete)]


def contracts(incomplete: str) -> list[Offer]:
    """Contracts as ``source.stream``."""
    found = sorted({f"{p.parent.name}.{p.stem}" for p in _contracts()})
    return [(name, "") for name in found if name.startswith(incomplete)]


def rules(incomplete: str) -> list[Offer]:
    """Rules that every stream has."""
    from pipelines.domain.rule_messages import SHARED

    return [(code, told.en) for code, told in SHARED.items() if code.startswith(incomplete)]


def snapshots(incomplete: str) -> list[Offer]:
    """Snapshots that are kept, newest first."""
    found = sorted((p.stem for p in _home().glob("published/marts_*.json")), reverse=True)
    return [(name, "") for name in found if name.startswith(incomplete)]


def forms(incomplete: str) -> list[Offer]:
    """Forms of an inspection."""
    return _of(("table", "html", "md", "docx", "csv", "json"), incomplete)


def languages(incomplete: str) -> list[Offer]:
    """Languages of an inspection."""
    return _of(("vi", "en"), incomplete)


def _of(words: tuple[str, ...], incomplete: str) -> list[Offer]:
    return [(word, "") for word in words if word.startswith(incomplete)]


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(name, default)  # noqa: TID251 - pydantic takes longer than a completion may


def _home() -> Path:
    return Path(_setting("CCHC_HOME", "data"))


def _contracts() -> Iterator[Path]:
    from pipelines import sources

    yield from Path(sources.__file__).parent.glob("*/*.yml")
    if own := _setting("CCHC_CONTRACTS_DIR"):
        yield from Path(own).glob("*/*.yml")


def _published(query: str, incomplete: str) -> list[Offer]:
    """Code and name of each row of a query on the current snapshot's tables."""
    import duckdb

    database = _home() / "published" / "current.duckdb"
    try:
        with duckdb.connect(str(database.resolve(strict=True)), read_only=True) as connection:
            connection.execute("set schema = 'marts'")
            return connection.execute(query, [incomplete]).fetchall()
    except (OSError, duckdb.Error):
        return []
