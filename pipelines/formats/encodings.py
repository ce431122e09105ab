"""In which encoding Vietnamese stands, by evidence: how many marked words are legal syllables in each reading.

A reading is taken when nearly all its marked words are legal and no other reading comes near. Else nothing is guessed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipelines.domain.syllables import is_syllable
from pipelines.formats.legacy_fonts import from_tcvn3, from_vni

UNICODE, TCVN3, VNI, WINDOWS_1258 = "unicode", "tcvn3", "vni", "windows-1258"
# How an encoding of a contract or of the evidence is opened by Python.
CODEC = {WINDOWS_1258: "windows-1258-nfc", TCVN3: "tcvn3", VNI: "vni"}

LEAST_SHARE = 0.75
LEAST_LEAD = 0.15
_PLAIN_SHARE = 0.97
_LEAST_WORDS = 2
_LEAST_WORDS_OF_A_FILE = 5
_MOST_WORDS = 4000
_SAMPLE = 1 << 16
_BEYOND_LATIN = re.compile("[\u0102-\u01b0\u0300-\u0323\u1ea0-\u1ef9]")
_WORD = re.compile(r"[^\s\x00-\x40\x5b-\x60\x7b-\x7f]+")
# What may stand around a word without being a part of it.
_BORDER = "“”‘’–—…\u00a0·•\u200b\ufeff"


@dataclass(frozen=True)
class Reading:
    """One way to read a text: of its ``words`` with marks, so many are ``legal`` syllables."""

    encoding: str
    words: int
    legal: int

    @property
    def share(self) -> float:
        """Share of legal words, 0 to 1; 0 when there are none."""
        return self.legal / self.words if self.words else 0.0


@dataclass(frozen=True)
class Evidence:
    """All readings of a text, the best first; ``encoding`` is None when they do not decide."""

    encoding: str | None
    readings: tuple[Reading, ...]

    def __str__(self) -> str:
        told = ", ".join(f"{r.encoding} {r.legal} of {r.words}" for r in self.readings)
        return f"words with marks that are Vietnamese syllables: {told}"


_FONTS: Mapping[str, Callable[[str], str]] = {
    UNICODE: lambda text: unicodedata.normalize("NFC", text),
    TCVN3: from_tcvn3,
    VNI: from_vni,
}


def marked_words(texts: Iterable[str]) -> Counter[str]:
    """The words of texts that hold more than plain letters, each with how often it stands there."""
    words: Counter[str] = Counter()
    for text in texts:
        if text.isascii():
            continue
        words.update(w for w in _WORD.findall(text) if not w.isascii() and w.strip(_BORDER))
        if len(words) >= _MOST_WORDS:
            break
    return words


def font_evidence(words: Counter[str]) -> Evidence:
    """Whether Unicode words are Vietnamese as they stand, or in TCVN3 or VNI signs."""
    # A word that reads the same in every font tells nothing.
    telling = {w: n for w, n in words.items() if len({read(w) for read in _FONTS.values()}) > 1}
    return _decided(_reading(name, ((read(w), n) for w, n in telling.items())) for name, read in _FONTS.items())


def font_of_text(text: str) -> str | None:
    """The font encoding of a whole Unicode text: ``unicode``, ``tcvn3``, ``vni``, or None when it is not clear.

    Letters beyond Latin-1 settle it at once: the font encodings have none.
    """
    words = marked_words([text[:_SAMPLE]])
    if sum(n for w, n in words.items() if _BEYOND_LATIN.search(w)) >= words.total() / 4:
        return UNICODE
    found = font_evidence(words)
    return found.encoding if found.readings[0].words >= _LEAST_WORDS_OF_A_FILE else None


def byte_evidence(data: bytes) -> Evidence:
    """In which 8-bit encoding bytes are Vietnamese: Windows-1258, TCVN3 or VNI."""
    readings = []
    for name, codec in CODEC.items():
        # A word that is cut off at the end of the sample weighs nothing among many.
        text = codecs.decode(data[:_SAMPLE], codec, "replace")
        readings.append(_reading(name, marked_words([text]).items()))
    return _decided(readings)


def read_font(text: str, encoding: str) -> str:
    """A text in NFC, read as ``unicode``, ``tcvn3`` or ``vni``."""
    return text if text.isascii() else _FONTS[encoding](text)


def font_of(encoding: str) -> str | None:
    """Text whose font was read away already is Unicode; else each cell is looked at."""
    return UNICODE if encoding.endswith((TCVN3, VNI, "1258-nfc")) else None


class CellReader:
    """Reads the cells of one sheet: as the sheet's evidence says, unless a cell's own speaks clearly against it.

    Args:
        texts: cells of the sheet, enough of them to judge by.
        encoding: ``tcvn3``, ``vni`` or ``unicode`` when the contract says so.
    """

    def __init__(self, texts: Iterable[str], encoding: str | None = None) -> None:
        words = marked_words(texts)
        self.evidence = font_evidence(words)
        self.fixed = encoding
        self.encoding = encoding or self.evidence.encoding
        # Nothing but Unicode: cells need no look of their own.
        best = self.evidence.readings[0]
        self.is_plain = encoding == UNICODE or (
            encoding is None and (not best.words or (self.encoding == UNICODE and best.share > _PLAIN_SHARE))
        )
        self.found: Counter[str] = Counter()
        self.undecided: Counter[str] = Counter()
        self._known: dict[str, str] = {}

    def read(self, text: str) -> str:
        """The cell in NFC. One whose fonts cannot be told stays as written and is counted in ``undecided``."""
        if text.isascii():
            return text
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._encoding_of(text)
            if len(self._known) > 100_000:
                self._known.clear()
        self.found[known or UNICODE] += 1
        if not known:
            self.undecided[text] += 1
        return read_font(text, known or UNICODE)

    def _encoding_of(self, text: str) -> str:
        """Empty when the cell and its sheet leave it open."""
        if self.fixed:
            return self.fixed
        if self.is_plain:
            return UNICODE
        words = marked_words([text])
        if not words:
            return self.encoding or UNICODE
        readings = {r.encoding: r for r in font_evidence(words).readings}
        best = max(readings.values(), key=lambda r: (r.legal, r.encoding == (self.encoding or UNICODE)))
        if self.encoding is not None:
            own = readings[self.encoding]
            clear = best.share >= LEAST_SHARE and own.share <= 1 - LEAST_SHARE
            return best.encoding if clear else self.encoding
        if best.encoding == UNICODE or best.legal == 0:
            return UNICODE
        rivals = [r for r in readings.values() if r is not best and r.legal == best.legal]
        return best.encoding if not rivals and best.share >= LEAST_SHARE else ""


def _reading(encoding: str, words: Iterable[tuple[str, int]]) -> Reading:
    total = legal = 0
    for word, count in words:
        parts = [p for p in re.split(f"[{_BORDER}]+", word) if p and not p.isascii()]
        total += count
        legal += count if all(map(is_syllable, parts)) else 0
    return Reading(encoding, total, legal)


def _decided(readings: Iterable[Reading]) -> Evidence:
    ranked = sorted(readings, key=lambda r: -r.share)
    best, second = ranked[0], ranked[1]
    clear = best.words >= _LEAST_WORDS and best.share >= LEAST_SHARE and best.share - second.share >= LEAST_LEAD
    return Evidence(best.encoding if clear else None, tuple(ranked))
