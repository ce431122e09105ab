"""What taking in one file costs, format by format, beside the barest way to read the same bytes.

``python -m bench.formats`` writes ``docs/performance-formats.md``. Each measurement is a process of its own; two
files of a kind are taken, as many as a run takes side by side. ``--large 5100`` takes one CSV, one NDJSON file and one
log of so many megabytes as well, each alone; that needs three times their size on the disk.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import format_files
from bench.formats_page import write_page
from bench.processes import Told, cchc, python_module


@dataclass(frozen=True)
class Format:
    """A kind of file: how two of them come into being, under which stream, and its bare readings by name."""

    name: str
    stream: str
    make: Callable[..., list[Path]]
    floors: tuple[str, ...]


FORMATS = (
    Format("CSV", "igate.dossiers", format_files.write_csv, ("csv",)),
    Format("NDJSON", "igate.dossiers", format_files.write_ndjson, ("ndjson",)),
    Format("XLSX", "igate.dossiers", format_files.write_xlsx, ("xlsx",)),
    Format("Postfix log", "mail.postfix", format_files.write_postfix, ("log-prefix", "log-fields")),
    Format("Zimbra log", "mail.zimbra_audit", format_files.write_zimbra, ("log-prefix", "log-fields")),
)


LARGE = ("CSV", "NDJSON", "Postfix log")


@dataclass(frozen=True)
class Large:
    """One large file: its bytes, and all of ``prepare`` on it."""

    format: Format
    megabytes: float
    prepare: Told


@dataclass(frozen=True)
class Measured:
    """One format: its bytes and records, ``prepare``, its reading alone, and the bare readings by name."""

    format: Format
    megabytes: float
    records: int
    prepare: Told
    reading: Told
    floors: dict[str, Told]

    def ratio(self, floor: str, work: Told) -> float:
        """Speed of ``prepare`` or of its reading in that of a bare reading: 1 is as fast."""
        return float(self.floors[floor].answer["seconds"] / work.answer["seconds"])


def main() -> None:
    """Measure every format and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=200.0, help="of each file; a sheet is packed and smaller")
    parser.add_argument("--large", type=float, metavar="MEGABYTES", help="of one large file each of some formats")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="formats by name")
    parser.add_argument("--folder", type=Path, help="where to work")
    parser.add_argument("--page", type=Path, default=Path("docs/performance-formats.md"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cchc-bench-", dir=options.folder))
    try:
        cchc(folder, "simulate", str(folder / "province"), "--scale", "1", "--months", "2", "--dirt", "0")
        chosen = [f for f in FORMATS if not options.only or f.name in options.only]
        found = [_measure(folder, f, options.megabytes) for f in chosen]
        large = [_measure_large(folder, f, options.large) for f in chosen if options.large and f.name in LARGE]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page(options.page, found, large)
    sys.stdout.write(options.page.read_text(encoding="utf-8"))


def _measure_large(folder: Path, kind: Format, megabytes: float) -> Large:
    work, files = _places(folder, kind)
    size = sum(p.stat().st_size for p in kind.make(folder / "province", files, megabytes, count=1))
    whole = _prepare(work, "whole")
    shutil.rmtree(work)
    return Large(kind, size / 1e6, whole)


def _places(folder: Path, kind: Format) -> tuple[Path, Path]:
    """Where to work on a format, and the folder of its inbox."""
    work = folder / kind.name.replace(" ", "-")
    files = work / "inbox" / kind.stream.replace(".", "/")
    files.mkdir(parents=True)
    shutil.copy2(folder / "key", work / "key")
    return work, files


def _measure(folder: Path, kind: Format, megabytes: float) -> Measured:
    work, files = _places(folder, kind)
    made = kind.make(folder / "province", files, megabytes)
    floors = {n: python_module("bench.format_floor", n, kind.stream, *map(str, made)) for n in kind.floors}
    size = sum(p.stat().st_size for p in made)
    whole, reading = (_prepare(work, how) for how in ("whole", "reading"))
    shutil.rmtree(work)
    return Measured(kind, size / 1e6, whole.answer["rows_in_file"], whole, reading, floors)


def _prepare(work: Path, how: str) -> Told:
    """In a fresh home."""
    shutil.rmtree(work / "home", ignore_errors=True)
    return python_module("bench.format_prepare", how, str(work / "inbox"), work=work)


if __name__ == "__main__":
    main()
