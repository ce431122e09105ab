"""Landing: the bytes of an export as they came, with a manifest, never changed again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

import structlog

from pipelines.domain.errors import DataRefused
from pipelines.storage.atomic import fsync_path
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger

_log = structlog.get_logger()

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
STAMP = re.compile(r"(?P<period>all|\d{8}|\d{6})_(?P<exported>\d{8}T\d{6})")
_CHUNK = 1 << 20
_PACKED = (".gz", ".bz2", ".xz", ".zst")


class Readable(Protocol):
    """An open file, as far as landing goes."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...


class SizeChanged(Exception):
    """The bytes that came are not as many as the file had when it was looked at: it is still being written."""


@dataclass(frozen=True)
class Stamp:
    """What a file's name says: the period it covers and when it was exported (local time)."""

    period: str | None
    exported_at: datetime


@dataclass(frozen=True)
class Manifest:
    """Where a landed file came from. ``exported_at`` is local ISO text; no credentials in here."""

    batch_id: str
    source: str
    stream: str
    file_name: str
    sha256: str
    size_bytes: int
    period: str | None
    exported_at: str
    collected_from: str


def stamp_of(name: str, modified: datetime) -> Stamp:
    """Read ``…_<period>_<YYYYMMDDTHHMMSS>`` off a name; without one the time of change counts."""
    found = STAMP.search(name)
    if found is not None:
        try:
            return Stamp(found["period"], datetime.strptime(found["exported"], "%Y%m%dT%H%M%S"))
        except ValueError:
            pass
    return Stamp(None, modified.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0))


def land(home: Home, stream: Readable, **origin: Any) -> Manifest:
    """Copy an open file into landing; the folder appears whole, under its batch id.

    Args:
        home: the installation.
        stream: the bytes.
        origin: ``source, stream_name, file_name, stamp, collected_from``, ``size`` as last seen, and
            ``sha256`` when a checksum file tells it.

    Raises:
        SizeChanged: more or fewer bytes came than ``size``; nothing was landed.
        DataRefused: other bytes came than ``sha256`` says; nothing was landed.
    """
    parent = home.landing / origin["source"] / origin["stream_name"]
    parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".landing-", dir=parent))
    try:
        data = draft / f"data{_suffix(origin['file_name'])}"
        size = origin["size"]
        digest = copy_hashed(stream, data, size=size, sha256=origin.get("sha256"), name=origin["file_name"])
        stamp: Stamp = origin["stamp"]
        name = f"{origin['source']}.{origin['stream_name']}.{stamp.exported_at:%Y%m%dT%H%M%S}.{digest[:12]}"
        manifest = Manifest(
            batch_id=name,
            source=origin["source"],
            stream=origin["stream_name"],
            file_name=origin["file_name"],
            sha256=digest,
            size_bytes=size,
            period=stamp.period,
            exported_at=f"{stamp.exported_at:%Y-%m-%d %H:%M:%S}",
            collected_from=origin["collected_from"],
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
        (draft / "manifest.json").write_text(text, encoding="utf-8")
        _settle(draft, parent / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _suffix(name: str) -> str:
    """How the name ends, with what it was packed by: ``.csv``, ``.csv.gz``."""
    ends = [e.lower() for e in Path(name).suffixes]
    wanted = ends[-2:] if ends and ends[-1] in _PACKED else ends[-1:]
    return re.sub(r"[^.a-z0-9]", "", "".join(wanted))[:12]


def note_landed(
    home: Home,
    ledger: Ledger,
    manifest: Manifest,
    *,
    modified_at: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> bool:
    """Note a landed file in the ledger, and facts with it in one step.

    Returns:
        False when its bytes were known already; a landed copy that no batch is made of is then gone.
    """
    values = {k: v for k, v in asdict(manifest).items() if k != "collected_from"}
    if ledger.add_landed(facts=facts, modified_at=modified_at, **values):
        _log.info("landed", batch_id=manifest.batch_id, bytes=manifest.size_bytes)
        return True
    if not ledger.select(batch_ids=[manifest.batch_id]):
        drop_landed(home, manifest)
    return False


def drop_landed(home: Home, manifest: Manifest) -> None:
    """Remove a landed folder that no ledger row names (the bytes were landed before under another name)."""
    shutil.rmtree(home.landing_of(manifest.source, manifest.stream, manifest.batch_id), ignore_errors=True)


def landed_file(home: Home, source: str, stream: str, batch_id: str) -> Path:
    """The data file of a landed batch."""
    (path,) = home.landing_of(source, stream, batch_id).glob("data*")
    return path


def manifest_of(home: Home, source: str, stream: str, batch_id: str) -> Manifest:
    """The manifest of a landed batch."""
    path = home.landing_of(source, stream, batch_id) / "manifest.json"
    return Manifest(**json.loads(path.read_text(encoding="utf-8")))


@contextmanager
def raw_scratch(home: Home) -> Iterator[Path]:
    """A folder for raw text, under landing: nothing after it may hold personal values, not even after a kill."""
    home.landing.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".raw-", dir=home.landing) as name:
        yield Path(name)


def copy_hashed(stream: Readable, target: Path, *, size: int, sha256: str | None, name: str) -> str:
    """Write a stream to a file that nobody changes again, its bytes on the disk; their SHA-256.

    Raises:
        SizeChanged: more or fewer bytes came than ``size``.
        DataRefused: other bytes came than ``sha256`` says.
    """
    digest, came = hashlib.sha256(), 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
            came += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    target.chmod(0o444)
    if came != size:
        raise SizeChanged(name)
    if sha256 is not None and digest.hexdigest() != sha256:
        raise DataRefused(
            f"{name} has the SHA-256 {digest.hexdigest()[:12]}…, its checksum file says {sha256[:12]}…: "
            "it came in part, or was changed.",
            next_step="Upload it again, then its checksum.",
        )
    return digest.hexdigest()


def _settle(draft: Path, final: Path) -> None:
    """Landing is never changed: when the folder is there already, the very same bytes are in it."""
    if final.exists():
        return
    draft.chmod(0o755)
    fsync_path(draft / "manifest.json")
    try:
        draft.rename(final)
    except OSError:
        if not final.exists():
            raise
        return  # another thread landed the same bytes meanwhile
    fsync_path(final.parent)
