"""TCVN3 (ABC) and VNI: Vietnamese that is only readable in its own fonts, as tables and as Python codecs.

TCVN 5712:1993 (``.Vn…`` fonts) gives every letter one sign; capitals with a tone exist only as a capital font,
so that letter case is lost. VNI (``VNI-…`` fonts) writes a letter, then a sign for its marks. Both live in
8-bit files, and as Latin-1 letters in workbooks and UTF-8 text. Every result is NFC.

Importing this module registers the codecs ``tcvn3``, ``vni`` and ``windows-1258-nfc``, and ``utf-8-tcvn3``,
``utf-8-vni``, ``utf-16-tcvn3``, ``utf-16-vni`` for text that was saved as Unicode without being converted.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable

_TCVN3_CODES = (
    "A1Ă A2Â A3Ê A4Ô A5Ơ A6Ư A7Đ A8ă A9â AAê ABô ACơ ADư AEđ B5à B6ả B7ã B8á B9ạ BBằ BCẳ BDẵ BEắ C6ặ C7ầ C8ẩ C9ẫ CAấ "
    "CBậ CCè CEẻ CFẽ D0é D1ẹ D2ề D3ể D4ễ D5ế D6ệ D7ì D8ỉ DCĩ DDí DEị DFò E1ỏ E2õ E3ó E4ọ E5ồ E6ổ E7ỗ E8ố E9ộ EAờ EBở "
    "ECỡ EDớ EEợ EFù F1ủ F2ũ F3ú F4ụ F5ừ F6ử F7ữ F8ứ F9ự FAỳ FBỷ FCỹ FDý FEỵ"
)
_TCVN3 = {int(code[:2], 16): code[2:] for code in _TCVN3_CODES.split()}
# Word processors turn the soft hyphen (ư) into a minus sign when they write PDF.
_TCVN3_DECODE = {**_TCVN3, 0x2212: "ư"}

_TONE_SIGNS = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ROOF_SIGNS = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BOWL_SIGNS = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_SINGLE = {"ö": "ư", "ô": "ơ", "ñ": "đ", "ò": "ị", "ó": "ĩ", "æ": "ỉ", "î": "ỵ", "í": "í", "ì": "ì"}


def _vni_pairs() -> dict[str, str]:
    small: dict[str, str] = {}
    for letter, written in {**{v: v for v in "aeouy"}, "ư": "ö", "ơ": "ô"}.items():
        small |= {written + sign: letter + tone for sign, tone in _TONE_SIGNS.items()}
    for letter in "aeo":
        small |= {letter + sign: letter + "\u0302" + tone for sign, tone in _ROOF_SIGNS.items()}
    small |= {"a" + sign: "a\u0306" + tone for sign, tone in _BOWL_SIGNS.items()}
    pairs = {written: unicodedata.normalize("NFC", letter) for written, letter in small.items()}
    # A sign may stand in the other case than its letter; the letter's case counts.
    return {
        first(w[0]) + second(w[1]): first(letter)
        for w, letter in pairs.items()
        for first in (str.lower, str.upper)
        for second in (str.lower, str.upper)
    }


_VNI_PAIRS = _vni_pairs()
_VNI_SINGLES = {**_VNI_SINGLE, **{k.upper(): v.upper() for k, v in _VNI_SINGLE.items()}}
_VNI_SIGN = re.compile("|".join([*map(re.escape, _VNI_PAIRS), f"[{''.join(_VNI_SINGLES)}]"]))
# Decoding goes from left to right and takes the longest: a letter with its sign before a sign that is a letter.
_VNI_DECODE = {**_VNI_PAIRS, **_VNI_SINGLES}
_MARKS_1258 = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def from_tcvn3(text: str) -> str:
    """Unicode of text that stands in TCVN3 signs; letters that are Unicode already stay."""
    return unicodedata.normalize("NFC", text.translate(_TCVN3_DECODE))


def from_vni(text: str) -> str:
    """Unicode of text that stands in VNI signs."""
    return unicodedata.normalize("NFC", _VNI_SIGN.sub(lambda found: _VNI_DECODE[found.group()], text))


def to_tcvn3(text: str) -> str:
    """Text in TCVN3 signs; a capital that the table lacks becomes small.

    Raises:
        UnicodeEncodeError: a sign that TCVN3 cannot hold.
    """
    return _encoded(text, _TO_TCVN3, frozenset(map(chr, _TCVN3)), "tcvn3")


def to_vni(text: str) -> str:
    """Text in VNI signs.

    Raises:
        UnicodeEncodeError: a sign that VNI cannot hold.
    """
    return _encoded(text, _TO_VNI, _VNI_TAKEN, "vni")


def _small_codes() -> dict[str, str]:
    codes = {letter: chr(code) for code, letter in _TCVN3.items()}
    return {**{letter.upper(): sign for letter, sign in codes.items() if letter.upper() not in codes}, **codes}


_TO_TCVN3 = _small_codes()
_TO_VNI = {
    **{letter: sign for sign, letter in _VNI_SINGLES.items()},
    **{letter: w for w, letter in _VNI_PAIRS.items() if w[0].isupper() == w[1].isupper()},
}
_VNI_TAKEN = frozenset(_VNI_SINGLES) | {sign for w in _VNI_PAIRS for sign in w[1]}


def _encoded(text: str, table: dict[str, str], taken: frozenset[str], name: str) -> str:
    nfc = unicodedata.normalize("NFC", text)
    for place, sign in enumerate(nfc):
        if sign not in table and (sign in taken or sign == "\u2212"):
            raise UnicodeEncodeError(name, nfc, place, place + 1, "this sign means another letter there")
    return "".join(table.get(sign, sign) for sign in nfc)


def _to_1258(text: str) -> str:
    """Letters as Windows-1258 holds them: those that it lacks as a letter and its tone mark."""
    return "".join(_letter_and_tone(sign) for sign in unicodedata.normalize("NFC", text))


def _letter_and_tone(sign: str) -> str:
    try:
        sign.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", sign)
        tone = next((p for p in parts if p in _MARKS_1258), "")
        return unicodedata.normalize("NFC", parts.replace(tone, "")) + tone if tone else sign
    return sign


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


Text = Callable[[str], str]
_CODECS: dict[str, tuple[str, Text, Text]] = {
    "tcvn3": ("cp1252", from_tcvn3, to_tcvn3),
    "vni": ("cp1252", from_vni, to_vni),
    "windows_1258_nfc": ("cp1258", _nfc, _to_1258),
    "utf_8_tcvn3": ("utf-8-sig", from_tcvn3, to_tcvn3),
    "utf_8_vni": ("utf-8-sig", from_vni, to_vni),
    "utf_16_tcvn3": ("utf-16", from_tcvn3, to_tcvn3),
    "utf_16_vni": ("utf-16", from_vni, to_vni),
}


def _find(name: str) -> codecs.CodecInfo | None:
    known = _CODECS.get(name.replace("-", "_"))
    return None if known is None else _codec(name, *known)


def _codec(name: str, base: str, read: Text, write: Text) -> codecs.CodecInfo:
    class Decoder(codecs.IncrementalDecoder):
        """Holds the last word back until what follows it is known: its marks may come with the next bytes."""

        def __init__(self, errors: str = "strict") -> None:
            super().__init__(errors)
            self.reset()

        def reset(self) -> None:
            self._inner = codecs.getincrementaldecoder(base)(self.errors)
            self._held = ""

        def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
            text = self._held + self._inner.decode(data, final)
            cut = len(text) if final else max(text.rfind(sign) for sign in " \n\t,;|") + 1
            self._held = text[cut:]
            return read(text[:cut])

    class Encoder(codecs.IncrementalEncoder):
        """For whole texts: marks that come alone in the next piece would not be joined."""

        def encode(self, text: str, final: bool = False) -> bytes:  # noqa: ARG002 - the base class names it
            return write(text).encode(base, self.errors)

    def decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
        return read(bytes(data).decode(base, errors)), len(data)

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return write(text).encode(base, errors), len(text)

    return codecs.CodecInfo(encode, decode, incrementalencoder=Encoder, incrementaldecoder=Decoder, name=name)  # type: ignore[arg-type]


codecs.register(_find)
