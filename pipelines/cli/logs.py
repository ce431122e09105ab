"""Logs of a call: JSON lines in the home, and the serious ones on stderr. They never hold personal values."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from pipelines.settings import Settings
from pipelines.storage.home import Home

_LARGEST = 10 * 2**20
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def log_file(settings: Settings) -> Path:
    """Where this home's log is."""
    return Home(settings.home).build / "logs" / "cchc.log"


def set_up_logs(settings: Settings, *, debug: bool) -> None:
    """Send structlog's events to the file, and to stderr from warnings on (errors on a terminal)."""
    least = 10 if debug else 40 if sys.stderr.isatty() else 30
    path = log_file(settings)

    def write(_logger: Any, level: str, event: MutableMapping[str, Any]) -> str:
        line = json.dumps({"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "level": level, **event}, default=str)
        _append(path, line)
        if _LEVELS.get(level, 20) >= least:
            sys.stderr.write(line + "\n")
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.contextvars.merge_contextvars, write], cache_logger_on_first_use=False)


def log_fault(settings: Settings, error: BaseException) -> Path:
    """Write where a fault happened, without its text: that may hold values of rows. Returns the log file."""
    frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    line = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "level": "critical", "fault": type(error).__name__}
    path = log_file(settings)
    _append(path, json.dumps(line | {"frames": frames}))
    return path


def _append(path: Path, line: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LARGEST:
            path.replace(path.with_suffix(".log.1"))
        with path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
    except OSError:
        pass  # a log that cannot be written (a read-only home) must not stop a look at it
