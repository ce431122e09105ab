"""Vietnamese text: one form for comparing, whatever the export wrote (``domain.md`` §5)."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u200b\u200c\u200d\u2060\ufeff]+")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_D = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"})


def clean(text: str) -> str:
    """NFC, no zero-width signs, one blank between words, none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def canonical_key(text: str) -> str:
    """What two spellings of one name share: no case, accents, tone marks, blanks or signs.

    Đ (U+0110) and Ð (U+00D0) count as the same letter, every apostrophe as none.
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_D))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORD.sub("", plain.casefold())
