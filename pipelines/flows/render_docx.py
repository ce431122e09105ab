"""An inspection as a Word document: sentences, tables, links within it. Equal inspections give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from pipelines.flows.inspection_prose import Paragraph
from pipelines.flows.inspection_tables import Cell, Table, definition_anchor, source_anchor
from pipelines.flows.inspection_words import Words

_SMALL = Pt(9)
_REST = RGBColor(0x9B, 0x1C, 0x1C)
# Word refuses names of bookmarks beyond this length.
_NAME_LENGTH = 40
_MADE = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Document:
    """What the document shows."""

    title: str
    meta: str
    paragraphs: Sequence[Paragraph]
    tables: Sequence[Table]


def document_bytes(shown: Document, words: Words) -> bytes:
    """The file's bytes."""
    made: Any = docx.Document()
    made.styles["Normal"].font.name = "Times New Roman"
    made.core_properties.title = shown.title
    made.core_properties.author = "cchc"
    made.core_properties.created = made.core_properties.modified = _MADE
    made.add_heading(shown.title, level=0)
    made.add_paragraph(shown.meta)
    for paragraph in shown.paragraphs:
        made.add_heading(paragraph.title, level=1)
        made.add_paragraph(paragraph.text)
        _add_origin(made.add_paragraph(), paragraph, words)
    names: dict[str, int] = {}
    for table in shown.tables:
        made.add_heading(table.title, level=1)
        _add_table(made, table, names)
    text = io.BytesIO()
    made.save(text)
    return _same_bytes(text.getvalue())


def _add_origin(line: Any, paragraph: Paragraph, words: Words) -> None:
    """Links to the definitions and the files behind a paragraph."""
    if paragraph.codes:
        line.add_run(words("Định nghĩa: ", "Definitions: ")).font.size = _SMALL
        for number, code in enumerate(paragraph.codes):
            line.add_run(", " if number else "").font.size = _SMALL
            _add_link(line, code, definition_anchor(code))
    if paragraph.systems:
        line.add_run(words(" · Nguồn: ", " · Sources: ")).font.size = _SMALL
    for system in paragraph.systems:
        _add_link(line, words.system(system), source_anchor(system))


def _add_table(made: Any, table: Table, names: dict[str, int]) -> None:
    drawn = made.add_table(rows=1, cols=len(table.heads))
    drawn.style = "Table Grid"
    for cell, head in zip(drawn.rows[0].cells, table.heads, strict=True):
        run = cell.paragraphs[0].add_run(head)
        run.bold, run.font.size = True, _SMALL
    for row in table.rows:
        cells = drawn.add_row().cells
        if row.anchor:
            _add_bookmark(cells[0].paragraphs[0], row.anchor, names)
        for cell, shown in zip(cells, row.cells, strict=True):
            _fill(cell.paragraphs[0], shown, stands_out=row.stands_out)


def _fill(line: Any, cell: Cell, *, stands_out: bool) -> None:
    if cell.is_number:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if cell.link:
        _add_link(line, cell.text, cell.link)
        return
    run = line.add_run(cell.text)
    run.font.size = _SMALL
    if stands_out:
        run.font.color.rgb = _REST


def _bookmark_name(anchor: str) -> str:
    """Letters, digits and underscores only."""
    return anchor.replace("-", "_")[:_NAME_LENGTH]


def _add_bookmark(line: Any, anchor: str, names: dict[str, int]) -> None:
    name = _bookmark_name(anchor)
    number = str(names.setdefault(name, len(names)))
    for kind in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(kind)
        mark.set(qn("w:id"), number)
        if kind == "w:bookmarkStart":
            mark.set(qn("w:name"), name)
        line._p.append(mark)


def _add_link(line: Any, text: str, anchor: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _bookmark_name(anchor))
    run = line.add_run(text)
    run.font.size, run.font.underline = _SMALL, True
    link.append(run._r)
    line._p.append(link)


def _same_bytes(data: bytes) -> bytes:
    """The package with its members in order and without the hour in which they were written."""
    text = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as same:
        for info in made.infolist():
            same.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), made.read(info), zipfile.ZIP_DEFLATED)
    return text.getvalue()
