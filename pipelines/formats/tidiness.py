"""Whether texts are in canonical form as they came, told by their bytes: nearly all are, and need no step of their own.

What is asked here of a column as a whole, ``canonical`` asks of one text by a regular expression, which costs more
than to parse a date.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_BLANK, _DELETE, _FIRST_LEAD = 0x20, 0x7F, 0xC0

Bytes = NDArray[np.uint8]


def is_tidy(texts: pa.Array) -> bool:
    """Whether no text of an array of ``large_string`` is empty, or would be another in canonical form.

    False may be said of texts that are tidy too: signs that are rare, or two texts whose blanks meet.
    """
    ends, signs = _buffers(texts)
    starts, ends = ends[:-1], ends[1:]
    filled = ends > starts
    if not filled[texts.is_valid().to_numpy(zero_copy_only=False)].all():
        return False
    if not filled.any():
        return True
    if signs.min() < _BLANK or (signs[starts[filled]] == _BLANK).any() or (signs[ends[filled] - 1] == _BLANK).any():
        return False
    blank = signs == _BLANK
    if (blank[1:] & blank[:-1]).any():
        return False
    return bool(signs.max() < _DELETE) or _has_letters_only(signs)


def _buffers(texts: pa.Array) -> tuple[NDArray[np.int64], Bytes]:
    """Where each text begins, with the end of the last one, and the bytes of all."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first = int(bounds[0])
    signs = np.frombuffer(data, np.uint8)[first : int(bounds[-1])] if data is not None else np.zeros(0, np.uint8)
    return bounds - first, signs


def _has_letters_only(signs: Bytes) -> bool:
    """Whether all signs beyond ASCII are of those that are in NFC whatever stands beside them.

    U+00A1 to U+02FF begin with C2 A1 to CB, U+1E00 to U+1EFF with E1 B8 to E1 BB.
    """
    if (signs == _DELETE).any():
        return False
    at = np.flatnonzero(signs >= _FIRST_LEAD)
    lead, after = signs[at], signs[at + 1]
    letters = (lead >= 0xC3) & (lead <= 0xCB)
    letters |= (lead == 0xC2) & (after >= 0xA1)
    letters |= (lead == 0xE1) & (after >= 0xB8) & (after <= 0xBB)
    return bool(letters.all())
