"""Documents that are no table: said what they are, and what to send instead."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.settings import Settings
from tests.formats.taken_in import prepared

Make = Callable[..., Settings]


def _ole(*names: str) -> bytes:
    """An OLE file whose directory has these entries and nothing else."""
    table = [0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126]
    entries = b"".join(
        n.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(n) + 2) + b"\x02" + bytes(61) for n in names
    )
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + struct.pack("<H", 9) + bytes(16)
    header += struct.pack("<I", 1) + bytes(16) + struct.pack("<II", 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    return header.ljust(512, b"\xff") + struct.pack("<128I", *table) + entries.ljust(512, b"\0")


def _zip(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in {"[Content_Types].xml": b"", **parts}.items():
            archive.writestr(name, data)
    return packed.getvalue()


DBASE = (
    bytes([3, 105, 5, 31]) + struct.pack("<IHH", 2, 97, 21) + bytes(20) + b"HOTEN".ljust(32, b"\0") * 2 + b"\r" + b" A"
)
MHTML = b"From: <Saved by Excel>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n<table>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_ole("Root Entry", "WordDocument"), "a Word document"),
        (_ole("Root Entry", "PowerPoint Document"), "a PowerPoint presentation"),
        (_ole("Root Entry", "EncryptedPackage"), "locked with a password"),
        (_zip(**{"word/document.xml": b"<w/>"}), "a Word document"),
        (_zip(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<x/>"}), "a text document"),
        (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "a PDF"),
        (b"{\\rtf1\\ansi B\\'e1o c\\'e1o}", "a Word document (RTF)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
        (b"\x09\x04\x06\0\0\0\x10\0", "a workbook of Excel 4 or older"),
        (DBASE, "a table of dBase or FoxPro"),
        (MHTML, "MHTML"),
    ],
)
def test_a_document_is_named_whatever_it_is_called(make_settings: Make, tmp_path: Path, data: bytes, said: str) -> None:
    refusal = prepared(make_settings(), "igate.form06", "bieu06.xls", data).result.refusal or ""
    assert f"bieu06.xls is {said}" in refusal.replace("a web page or message with its parts in one file (", "")
    assert "as .xlsx or CSV" in refusal
    (tmp_path / "bieu06.xls").write_bytes(data)
    assert inspect_file(tmp_path / "bieu06.xls").refusal == refusal


def test_a_workbook_with_a_document_inside_is_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(_ole("Root Entry", "Workbook", "WordDocument"))
    assert "cannot be opened as a sheet" in (inspect_file(tmp_path / "a.xls").refusal or "")
