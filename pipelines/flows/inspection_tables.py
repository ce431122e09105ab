"""The tables of an inspection, the same for every form: cells as text, links to definitions and sources as anchors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipelines.domain.labels import CERTAINTIES, text_of
from pipelines.flows.inspection_figures import CLASSES
from pipelines.flows.inspection_parts import Inspection, LateDossier
from pipelines.flows.inspection_words import Words

# Indicators of the system "file" come with a list of their own.
_BROUGHT_BY = {
    **{"PAR_SCORE": "par_index", "PAR_RANK": "par_index"},
    **{"WEBSITE_POSTS": "website", "PAR_INITIATIVES": "initiatives"},
}


@dataclass(frozen=True)
class Cell:
    """A text; ``link`` is the anchor that it leads to, ``is_number`` puts it to the right."""

    text: str
    link: str | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Row:
    """Cells of one line; ``anchor`` is what others lead to, ``stands_out`` marks the remainder."""

    cells: tuple[Cell, ...]
    anchor: str | None = None
    stands_out: bool = False


@dataclass(frozen=True)
class Table:
    """A title, the heads of the columns, and lines."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def definition_anchor(code: str) -> str:
    """Where a code is defined on the same page."""
    return f"def-{code}"


def source_anchor(system: str) -> str:
    """Where the files of a system stand on the same page."""
    return f"src-{system}"


def tables(found: Inspection, words: Words) -> list[Table]:
    """Every table that has a line, in the order of a report."""
    made = [
        _split(found, words),
        _figures(found, words),
        _late(found.late_dossiers, words, words("Hồ sơ giải quyết quá hạn", "Dossiers resolved late")),
        _late(found.late_open, words, words("Hồ sơ đang giải quyết, đã quá hạn", "Open dossiers past their due date")),
        _signals(found, words),
        _definitions(found, words),
        _sources(found, words),
    ]
    anchors = {row.anchor for table in made for row in table.rows}
    return [replace(t, rows=tuple(_leading(row, anchors) for row in t.rows)) for t in made if t.rows]


def _leading(row: Row, anchors: set[str | None]) -> Row:
    """The line with those links only that lead somewhere."""
    return replace(row, cells=tuple(c if c.link in anchors else replace(c, link=None) for c in row.cells))


def split_rows(found: Inspection, words: Words) -> list[tuple[str, str, int, float | None]]:
    """Lines of the split: code, label, count, share of the resolved; causes of the remainder below it."""
    counts = (
        ("resolved", words("Đã giải quyết", "Resolved"), found.resolved),
        ("early", words("Trước hạn", "Early"), found.early),
        ("on_time", words("Đúng hạn", "On time"), found.on_time),
        ("late", words("Quá hạn", "Late"), found.late),
        ("unexplained", words("Chưa giải thích được", "Unexplained"), found.unexplained),
    )
    causes = [(f"unexplained_{c.code}", f"– {words(c.name_vi, c.name_en)}", c.count) for c in found.causes]
    whole = found.resolved
    return [(code, label, n, n / whole if whole else None) for code, label, n in (*counts, *causes)]


def _number(text: str) -> Cell:
    return Cell(text, is_number=True)


def _split(found: Inspection, words: Words) -> Table:
    defined = dict(zip(("early", "on_time", "late", "unexplained"), CLASSES, strict=True))
    rows = [
        Row(
            (
                Cell(label, definition_anchor(defined[code]) if code in defined else None),
                _number(words.count(n)),
                _number("" if code == "resolved" else words.percent(share)),
                Cell(words.system("igate"), source_anchor("igate")),
            ),
            stands_out=code.startswith("unexplained"),
        )
        for code, label, n, share in split_rows(found, words)
    ]
    open_rows = (
        (words("Kỳ trước chuyển sang", "Carried over"), found.pending.carried_over),
        (words("Tiếp nhận trong kỳ", "Received in the period"), found.received),
        (words("Đang giải quyết cuối kỳ", "Open at the end of the period"), found.pending.total),
        (words("– trong đó quá hạn", "– of them past their due date"), found.pending.late),
        (words("– trong đó không có ngày hẹn trả", "– of them without a due date"), found.pending.undated),
    )
    source = Cell(words.system("igate"), source_anchor("igate"))
    rows += [Row((Cell(label), _number(words.count(n)), _number(""), source)) for label, n in open_rows]
    heads = words("Hồ sơ|Số lượng|Trên đã giải quyết|Nguồn", "Dossiers|Number|Of the resolved|Source").split("|")
    return Table(words("Hồ sơ theo loại", "Dossiers by class"), tuple(heads), tuple(rows))


def _figures(found: Inspection, words: Words) -> Table:
    rows = (
        Row(
            (
                Cell(words.system(_BROUGHT_BY.get(f.code, f.system)), source_anchor(_BROUGHT_BY.get(f.code, f.system))),
                Cell(words(f.name_vi, f.name_en), definition_anchor(f.code)),
                _number(words.count(f.numerator)),
                _number(words.count(f.denominator)),
                _number(words.value(f.value, f.unit)),
                _number(words.value(f.target, f.unit)),
                Cell(words.reason(f.na_reason)),
            )
        )
        for f in found.figures
    )
    heads = words(
        "Hệ thống|Chỉ số|Tử số|Mẫu số|Giá trị|Chỉ tiêu|Ghi chú",
        "System|Indicator|Numerator|Denominator|Value|Target|Note",
    )
    return Table(words("Chỉ số", "Indicators"), tuple(heads.split("|")), tuple(rows))


def _late(dossiers: Iterable[LateDossier], words: Words, title: str) -> Table:
    rows = (
        Row(
            (
                Cell(d.dossier_code),
                Cell(d.procedure_name or ""),
                Cell(words.moment(d.due_at)),
                Cell(words.moment(d.ended_at)),
                _number(words.count(d.days)),
                _number(words.count(d.supplements)),
                Cell(words("có", "yes") if d.has_apology else words("không", "no")),
                Cell(_step(d, words)),
                Cell(f"{d.source_file}:{d.row_number}", source_anchor("igate")),
            )
        )
        for d in dossiers
    )
    heads = words(
        "Mã hồ sơ|Thủ tục|Hẹn trả|Kết thúc|Quá (ngày)|Bổ sung (lần)|Phiếu xin lỗi|Bước dài nhất|Nguồn",
        "Dossier|Procedure|Due|Ended|Late (days)|Supplements|Apology|Longest step|Source",
    )
    return Table(title, tuple(heads.split("|")), tuple(rows))


def _step(dossier: LateDossier, words: Words) -> str:
    if dossier.longest_step is None:
        return words("không có nhật ký bước", "no step log")
    hours = words.decimal(dossier.longest_step_hours)
    return words(f"bước {dossier.longest_step}: {hours} giờ", f"step {dossier.longest_step}: {hours} hours")


def _signals(found: Inspection, words: Words) -> Table:
    rows = (
        Row(
            (
                Cell(words(s.sentence_vi, s.sentence_en)),
                _number(words.count(s.affected)),
                _number(words.count(s.base)),
                _number(words.percent(s.share)),
                _number(words.percent(s.province_share)),
            )
        )
        for s in found.signals
    )
    heads = words("Dấu hiệu|Số dòng|Trên|Tỷ lệ|Toàn tỉnh", "Signal|Rows|Of|Share|Province").split("|")
    title = words("Dấu hiệu cần xem lại (không phải kết luận vi phạm)", "Signals to look at (no accusation)")
    return Table(title, tuple(heads), tuple(rows))


def _definitions(found: Inspection, words: Words) -> Table:
    rows = (
        Row(
            (
                Cell(d.code),
                Cell(words(d.name_vi, d.name_en)),
                Cell(words(d.formula_vi, d.formula_en)),
                Cell(d.legal_basis),
                Cell(words(*text_of(CERTAINTIES, d.certainty))),
            ),
            anchor=definition_anchor(d.code),
        )
        for d in found.definitions
    )
    heads = words("Mã|Tên|Cách tính|Căn cứ|Độ tin cậy", "Code|Name|Formula|Basis|Certainty").split("|")
    return Table(words("Định nghĩa", "Definitions"), tuple(heads), tuple(rows))


def _sources(found: Inspection, words: Words) -> Table:
    """The first line of a system is what its figures lead to."""
    seen: set[str] = set()
    rows = []
    for s in found.sources:
        anchor = None if s.system in seen else source_anchor(s.system)
        seen.add(s.system)
        cells = (Cell(words.system(s.system)), Cell(s.stream), Cell(s.file))
        rows.append(Row((*cells, _number(words.count(s.rows)), Cell(words.moment(s.exported_at))), anchor=anchor))
    heads = words("Hệ thống|Luồng|Tệp|Số dòng|Xuất lúc", "System|Stream|File|Rows|Exported").split("|")
    as_of = words.moment(found.as_of)
    title = words(f"Nguồn, số liệu tính đến {as_of}", f"Sources, as of {as_of}")
    return Table(title, tuple(heads), tuple(rows))
