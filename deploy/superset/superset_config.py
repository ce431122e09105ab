"""Superset's configuration: the published snapshot read-only, no telemetry, secrets from the environment only."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from typing import Any

POINTER = "current.duckdb"


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"There is no {name}: set it to a long random text.")
    return value


_HOME = Path(os.environ.get("CCHC_HOME", "data")).absolute()
_RECORDS = Path(os.environ.get("CCHC_SUPERSET_HOME") or _HOME / "superset").absolute()

SECRET_KEY = _required("CCHC_SUPERSET_SECRET_KEY")
# Superset has fixed texts for these two; what they would guard is switched off, and they are not known either.
GLOBAL_ASYNC_QUERIES_JWT_SECRET = hmac.new(SECRET_KEY.encode(), b"async queries", hashlib.sha256).hexdigest()
GUEST_TOKEN_JWT_SECRET = hmac.new(SECRET_KEY.encode(), b"guests", hashlib.sha256).hexdigest()

# Superset's own records: users, and what was imported.
SQLALCHEMY_DATABASE_URI = os.environ.get("CCHC_SUPERSET_DATABASE") or f"sqlite:///{_RECORDS / 'superset.db'}"
DATA_DIR = str(_RECORDS)


def _mutate_connection(uri: Any, params: dict[str, Any], *_: object) -> tuple[Any, dict[str, Any]]:
    """Open what the pointer leads to at this moment, read-only and without a way out of that file.

    DuckDB remembers a database by its path within a process: the pointer itself would show the figures of the
    publication that was opened first. Every connection is made anew (Superset pools none), so each sees the newest.
    """
    if Path(uri.database or "").name != POINTER:
        return uri, params
    snapshot = (_HOME / "published" / POINTER).resolve()
    if not snapshot.exists():
        raise FileNotFoundError(f"Nothing is published under {_HOME} yet: `cchc run` does the whole way.")
    # The same for every reader: one process opens a file with one configuration only.
    safe = {"enable_external_access": False, "lock_configuration": True, "threads": 2}
    return uri.set(database=str(snapshot)), params | {"connect_args": {"read_only": True, "config": safe}}


DB_CONNECTION_MUTATOR = _mutate_connection

# Figures come from a file beside us and change at once with a publication: nothing of them is kept.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

FEATURE_FLAGS = {
    "ALERT_REPORTS": False,
    "EMBEDDED_SUPERSET": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
}

# Nothing is asked of another host: no counting of visits, no maps, no fonts.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # that is done by the proxy before it, where there is one
    "session_cookie_secure": False,
}
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if os.environ.get("CCHC_SUPERSET_HTTPS") == "1":
    ENABLE_PROXY_FIX = True
    SESSION_COOKIE_SECURE = True
    TALISMAN_CONFIG["session_cookie_secure"] = True

# Numbers and days as Vietnamese readers write them; Superset has no Vietnamese words for its own buttons.
APP_NAME = "CCHC"
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
D3_TIME_FORMAT = {
    "dateTime": "%H:%M %d/%m/%Y",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["SA", "CH"],
    "days": ["Chủ nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"],
    "shortDays": ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
    "months": [f"Tháng {month}" for month in range(1, 13)],
    "shortMonths": [f"Th{month}" for month in range(1, 13)],
}
