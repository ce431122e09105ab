"""Which files a run of a source's DAG works on, cut into pieces that mapped tasks share out.

A piece is named by the ids of its first and last batch, so that an XCom stays small however many
files there are. On a usual night every file is a piece of its own; a first load has larger ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from pipelines.domain.errors import CchcError, DataRefused, InternalFault, SourceUnavailable, WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger

MOST_PIECES = 32
_TO = ".."
_MOST_TOLD = 3


def due(settings: Settings, source: str, states: Sequence[str], day: date | None) -> list[Batch]:
    """Batches of a source that are not through, by id: whatever run landed them, all are to be handled.

    Args:
        settings: the installation.
        source: whose files.
        states: how far they are.
        day: only those exported on this day.
    """
    found = Ledger(Home(settings.home).ledger).select(states=states, source=source)
    of_day = [b for b in found if day is None or b.exported_at[:10] == day.isoformat()]
    return sorted(of_day, key=lambda b: b.batch_id)


def cut(batch_ids: Sequence[str], most: int = MOST_PIECES) -> list[str]:
    """At most ``most`` pieces of about the same number of files; ids are in order."""
    size = max(-(-len(batch_ids) // most), 1)
    parts = [batch_ids[i : i + size] for i in range(0, len(batch_ids), size)]
    return [part[0] if len(part) == 1 else f"{part[0]}{_TO}{part[-1]}" for part in parts]


def within(piece: str, batches: Iterable[Batch]) -> list[Batch]:
    """The batches that belong to a piece."""
    first, _, last = piece.partition(_TO)
    return [b for b in batches if first <= b.batch_id <= (last or first)]


def label(batches: Sequence[Batch]) -> str:
    """What a person reads beside a mapped task: the file, or the first and the last of several."""
    if not batches:
        return "nothing left to do"
    if len(batches) == 1:
        return batches[0].file_name
    return f"{batches[0].file_name} … {batches[-1].file_name} ({len(batches)} files)"


def on_all(settings: Settings, step: Callable[..., Any], batches: Sequence[Batch]) -> dict[str, int]:
    """One step over batches; if it breaks, each is tried alone, so that one file blocks no other.

    Returns:
        Counts: files, rows, rows held back so far.

    Raises:
        InternalFault: files broke the step; all others are done.
        DataRefused: files were refused; all others are done.
        OSError: the only file met a full disk or the like.
    """
    ids = [b.batch_id for b in batches]
    faults = _try(settings, step, ids) if ids else {}
    after = Ledger(Home(settings.home).ledger).select(batch_ids=ids) if ids else []
    refused = [b for b in after if b.state == "refused"]
    if faults:
        told = "; ".join(f"{batch_id}: {reason}" for batch_id, reason in list(faults.items())[:_MOST_TOLD])
        raise InternalFault(f"{len(faults)} of {len(ids)} files broke {step.__name__}: {told}")
    if refused:
        told = " ".join(b.refusal or "" for b in refused[:_MOST_TOLD])
        raise DataRefused(
            f"{len(refused)} of {len(ids)} files were refused: {told}",
            next_step="`cchc inspect FILE` shows how it is understood. Others were taken; mended, it is a new file.",
        )
    return {
        "files": len(after),
        "rows": sum(b.rows_in_file or 0 for b in after),
        "held_back": sum(b.rows_quarantined or 0 for b in after),
    }


def _try(settings: Settings, step: Callable[..., Any], ids: list[str]) -> dict[str, str]:
    """What went wrong, by batch."""
    try:
        step(settings, batch_ids=ids)
    except (WrongUse, SourceUnavailable):
        raise
    except Exception as error:
        if len(ids) > 1:
            return {batch_id: reason for one in ids for batch_id, reason in _try(settings, step, [one]).items()}
        if isinstance(error, OSError):
            raise
        return {ids[0]: _told(error, step.__name__)}
    return {}


def _told(error: Exception, step: str) -> str:
    """Ours say what they may; the text of others may hold values of rows, so a task log gets their name only."""
    return str(error) if isinstance(error, CchcError) else f"{type(error).__name__}; `cchc {step} --debug` shows more"
