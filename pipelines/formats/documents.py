"""Documents that people send instead of a table (Word, PDF, a picture …), and locked workbooks: named, never opened.

By their bytes: the signs are those of the formats' own descriptions, an OLE file and a zip are told by their parts.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipelines.domain.errors import DataRefused
from pipelines.formats.ole_stream import OLE, ole_names

_LOCKED = "locked with a password"
_WORD, _SLIDES = "a Word document", "a PowerPoint presentation"
_SIGNS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a Word document (RTF)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"\x09\x04\x06\0", "a workbook of Excel 4 or older"),
    (b"\x09\x02\x06\0", "a workbook of Excel 4 or older"),
    (b"\x09\0\x04\0", "a workbook of Excel 4 or older"),
)
_OLE_PARTS = (
    ("EncryptedPackage", _LOCKED),
    ("WordDocument", _WORD),
    ("PowerPoint Document", _SLIDES),
    ("__properties_version1.0", "a message of Outlook"),
)
_OLE_BOOKS = {"Workbook", "Book", "WORKBOOK", "BOOK"}
_ZIP_PARTS = (("word/document.xml", _WORD), ("ppt/presentation.xml", _SLIDES), ("visio/document.xml", "a drawing"))
_OPEN_DOCUMENT = {b"text": "a text document of LibreOffice", b"presentation": "a presentation of LibreOffice"}
_DBASE = (0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5)
_MAIL = (b"mime-version:", b"from:", b"return-path:", b"received:")


def refuse_document(path: Path, head: bytes, *, file_name: str) -> None:
    """Let a table, a log or a message pass.

    Args:
        path: the bytes.
        head: the first of them.
        file_name: what the file is called.

    Raises:
        DataRefused: it is a document of another kind, which is named, or a locked workbook.
    """
    kind = _kind(path, head)
    if kind is None:
        return
    if kind == _LOCKED:
        raise locked_workbook(file_name)
    raise DataRefused(
        f"{file_name} is {kind}, which is not read.",
        next_step="Ask for the table itself, as .xlsx or CSV.",
    )


def locked_workbook(file_name: str) -> DataRefused:
    """What is said of a workbook that wants a password."""
    return DataRefused(f"{file_name} is {_LOCKED}.", next_step="Save it without one, as .xlsx or CSV.")


def _kind(path: Path, head: bytes) -> str | None:
    if head.startswith(OLE):
        names = ole_names(path)
        return None if names & _OLE_BOOKS else next((kind for part, kind in _OLE_PARTS if part in names), None)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    found = next((kind for sign, kind in _SIGNS if head.startswith(sign)), None)
    if found is None and _is_dbase(head):
        return "a table of dBase or FoxPro"
    if found is None and _is_mail(head):
        return "a web page or message with its parts in one file (MHTML)"
    return found


def _kind_of_zip(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as packed:
            found = next((kind for part, kind in _ZIP_PARTS if part in packed.NameToInfo), None)
            if found is None and "mimetype" in packed.NameToInfo:
                with packed.open("mimetype") as part:
                    found = _OPEN_DOCUMENT.get(part.read(100).rpartition(b".")[2].strip())
            return found
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None  # what is broken is for its reader to refuse


def _is_dbase(head: bytes) -> bool:
    """The kind, a date of last change that there is, and a head with its end sign; FoxPro's goes on after it."""
    if len(head) < 65 or head[0] not in _DBASE or not (1 <= head[2] <= 12 and 1 <= head[3] <= 31):
        return False
    length = int.from_bytes(head[8:10], "little")
    return length > 64 and b"\r" in (head[length - 1 : length], head[length - 264 : length - 263])


def _is_mail(head: bytes) -> bool:
    first = head[:2000].lower().lstrip()
    return first.startswith(_MAIL) and b"\nmime-version:" in b"\n" + first and b"content-type: multipart/" in first
