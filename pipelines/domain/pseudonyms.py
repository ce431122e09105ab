"""Keyed hashes in place of personal values: HMAC-SHA256 (RFC 2104), in Python and in SQL.

``p_`` + the first 32 hex digits. Equal values give equal pseudonyms under one key, so duplicates can
be found and accounts matched; without the key nothing can be undone or tried out (``domain.md`` §1.6).
"""

from __future__ import annotations

import hashlib
import hmac

PREFIX = "p_"
_BLOCK = 64
_HEX = 32


def pseudonym(key: bytes, value: str) -> str:
    """The pseudonym of one value."""
    return PREFIX + hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:_HEX]


def pseudonym_sql(key: bytes, expression: str) -> str:
    """The same as an SQL expression of DuckDB over a VARCHAR expression.

    The padded keys stand in the text of the query: keep such text out of logs.
    """
    block = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    inner, outer = (_blob(bytes(b ^ pad for b in block.ljust(_BLOCK, b"\0"))) for pad in (0x36, 0x5C))
    digest = f"sha256({outer} || unhex(sha256({inner} || encode({expression}))))"
    return f"'{PREFIX}' || left({digest}, {_HEX})"


def _blob(data: bytes) -> str:
    return "'" + "".join(f"\\x{b:02X}" for b in data) + "'::blob"
