"""Checks an installation, and makes a pseudonym key."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipelines.domain.errors import CchcError, InternalFault, WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger

_WANTED = {
    "duckdb": ((1, 5, 5), (2,)),
    "dbt-core": ((1, 11), (1, 12)),
    "dbt-duckdb": ((1, 11), (1, 12)),
    "great-expectations": ((1, 24), (1, 25)),
    "apache-airflow": ((3, 3), (3, 4)),
}
_MODULES = {"dbt": "dbt.adapters.duckdb", "Great Expectations": "great_expectations"}
_ROOM = 5 * 2**30


@dataclass(frozen=True)
class Check:
    """One thing looked at; ``next_step`` says what to do when it is not well."""

    name: str
    well: bool
    found: str
    next_step: str = ""


def doctor(settings: Settings, *, on_progress: Callable[[str], None] | None = None) -> tuple[Check, ...]:
    """Look at versions, libraries, the key, the home and the disk. Makes the home if it is not there."""
    looks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("versions", _versions),
        ("libraries", _libraries),
        ("key", lambda: [_key(settings)]),
        ("home", lambda: [_home(settings), _disk(settings)]),
        ("ledger", lambda: [_ledger(settings)]),
    ]
    found: list[Check] = []
    for name, look in looks:
        if on_progress:
            on_progress(name)
        found += look()
    return tuple(found)


def create_key(path: Path) -> Path:
    """Write a random key to a new file that only its owner can read.

    Raises:
        WrongUse: the file is there already (a key that is in use must not be lost), or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise WrongUse(
            f"{path} is there already; a key in use is not overwritten.",
            next_step="Set CCHC_PSEUDONYM_KEY_FILE to it to use it, or name another file for a new CCHC_HOME.",
        ) from error
    except OSError as error:
        raise WrongUse(
            f"The key file cannot be written: {error}.", next_step="Name a file in a folder that you may write to."
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32) + "\n")
    return path


def _versions() -> list[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    checks = [Check("Python", (3, 11) <= sys.version_info[:2] < (3, 15), python, "Use Python 3.11 to 3.14.")]
    for package, (low, high) in _WANTED.items():
        wanted = f"{'.'.join(map(str, low))} or newer, below {'.'.join(map(str, high))}"
        try:
            found = version(package)
        except PackageNotFoundError:
            checks.append(Check(package, False, "not installed", f"Install what uv.lock names: {wanted}."))
            continue
        numbers = tuple(int(p) for p in found.split(".")[:3] if p.isdigit())
        checks.append(Check(package, low <= numbers < high, found, f"Install what uv.lock names: {wanted}."))
    return checks


def _libraries() -> list[Check]:
    return [_library(name, module) for name, module in _MODULES.items()]


def _library(name: str, module: str) -> Check:
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - a broken installation may raise anything
        return Check(f"{name} starts", False, f"{type(error).__name__}: {error}", "Run `make install` again.")
    return Check(f"{name} starts", True, "yes")


def _key(settings: Settings) -> Check:
    try:
        return Check("pseudonym key", True, f"there, fingerprint {settings.key_fingerprint}")
    except CchcError as error:
        return Check("pseudonym key", False, error.message, error.next_step)


def _home(settings: Settings) -> Check:
    home = Home(settings.home)
    try:
        home.create()
        with tempfile.TemporaryFile(dir=home.root) as probe:
            probe.write(b"cchc")
    except OSError as error:
        return Check("home", False, f"{home.root}: {error.strerror}", "Make it writable, or set CCHC_HOME.")
    return Check("home", True, f"{home.root.resolve()} can be written")


def _disk(settings: Settings) -> Check:
    place = next(p for p in (settings.home, *settings.home.resolve().parents) if p.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 2**30:.1f} GB free"
    return Check("disk", free >= _ROOM, found, f"Make room: below {_ROOM / 2**30:.0f} GB a build may not fit.")


def _ledger(settings: Settings) -> Check:
    home = Home(settings.home)
    if not home.ledger.exists():
        return Check("ledger", True, "none yet")
    try:
        ledger = Ledger(home.ledger)
        files = len(ledger.select())
        ledger.hold_fact("pseudonym_key", settings.key_fingerprint) if files else None
    except InternalFault:
        return Check("ledger", False, "filled with another key", "Give the former key, or start a new CCHC_HOME.")
    except WrongUse:
        return Check("ledger", True, "there; not compared with the key")
    return Check("ledger", True, f"{files} files known, same key")
