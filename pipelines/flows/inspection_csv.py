"""An inspection as CSV: a line for each figure, both languages, with where it comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from pipelines.domain.formulas import guarded
from pipelines.flows.inspection_parts import Inspection
from pipelines.flows.inspection_tables import split_rows
from pipelines.flows.inspection_words import words_of

HEAD = (
    *("section", "code", "name_vi", "name_en", "numerator", "denominator", "value", "target", "na_reason"),
    *("formula_vi", "legal_basis", "source", "as_of"),
)
Line = dict[str, Any]


def as_csv(found: Inspection) -> str:
    """Every figure, signal, late dossier and file of an inspection; cells that mean nothing are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEAD)
    writer.writeheader()
    for lines in (_dossiers, _indicators, _years, _signals, _late, _sources):
        writer.writerows(_guarded({"as_of": found.as_of, **line}) for line in lines(found))
    return text.getvalue()


def _guarded(line: Line) -> Line:
    """Names of agencies, procedures and files are whatever their owners wrote."""
    return {head: guarded(cell) if isinstance(cell, str) else cell for head, cell in line.items()}


def _dossiers(found: Inspection) -> Iterator[Line]:
    english = {code: label for code, label, *_ in split_rows(found, words_of("en"))}
    for code, label, n, share in split_rows(found, words_of("vi")):
        yield _of_dossiers(code, label, english[code], n) | {"denominator": found.resolved, "value": share}
    yield _of_dossiers("carried_over", "Kỳ trước chuyển sang", "Carried over", found.pending.carried_over)
    yield _of_dossiers("received", "Tiếp nhận trong kỳ", "Received in the period", found.received)
    yield _of_dossiers("pending", "Đang giải quyết cuối kỳ", "Open at the end", found.pending.total)
    late = _of_dossiers("pending_late", "Đang giải quyết, quá hạn", "Open, past due", found.pending.late)
    yield late | {"denominator": found.pending.total}
    bare = _of_dossiers("pending_undated", "Đang giải quyết, không hẹn trả", "Open, no due date", found.pending.undated)
    yield bare | {"denominator": found.pending.total}


def _of_dossiers(code: str, vi: str, en: str, n: int) -> Line:
    return {"section": "dossiers", "code": code, "name_vi": vi, "name_en": en, "numerator": n, "source": "igate"}


def _indicators(found: Inspection) -> Iterator[Line]:
    defined = {d.code: d for d in found.definitions}
    for f in found.figures:
        d = defined.get(f.code)
        yield {
            **{"section": "indicators", "code": f.code, "name_vi": f.name_vi, "name_en": f.name_en},
            **{"numerator": f.numerator, "denominator": f.denominator, "value": f.value, "target": f.target},
            **{"na_reason": f.na_reason, "source": f.system},
            **({"formula_vi": d.formula_vi, "legal_basis": d.legal_basis} if d else {}),
        }


def _years(found: Inspection) -> Iterator[Line]:
    """Survey and rank of their year, posts of the period, initiatives."""
    s, r = found.survey, found.ranking
    if s is not None:
        yield {
            **{"section": "survey", "code": s.year, "name_vi": f"Mức độ hài lòng {s.year}"},
            **{"name_en": f"Satisfaction {s.year}", "denominator": s.respondents, "value": s.satisfaction},
            **{"target": s.threshold, "na_reason": s.na_reason, "source": f"{s.source_file}:{s.row_number}"},
        }
    if r is not None:
        yield {
            **{"section": "par_index", "code": r.year, "name_vi": f"Xếp hạng CCHC {r.year}"},
            **{"name_en": f"PAR rank {r.year}", "numerator": r.rank, "denominator": r.ranked, "value": r.score},
            **{"na_reason": r.na_reason, "source": f"{r.source_file}:{r.row_number}"},
        }
    yield {
        **{"section": "website", "code": "posts", "name_vi": "Tin bài trên cổng", "name_en": "Website posts"},
        **{"numerator": found.website_posts, "na_reason": found.website_na_reason, "source": "website"},
    }
    yield {
        **{"section": "initiatives", "code": "initiatives", "name_vi": "Sáng kiến CCHC", "name_en": "Initiatives"},
        **{"numerator": found.initiatives, "na_reason": found.initiatives_na_reason, "source": "initiatives"},
    }


def _signals(found: Inspection) -> Iterator[Line]:
    for s in found.signals:
        yield {
            **{"section": "signals", "code": s.code, "name_vi": s.sentence_vi, "name_en": s.sentence_en},
            **{"numerator": s.affected, "denominator": s.base, "value": s.share, "source": "igate"},
        }


def _late(found: Inspection) -> Iterator[Line]:
    """Days past the due date."""
    for section, dossiers in (("late", found.late_dossiers), ("late_open", found.late_open)):
        for d in dossiers:
            source = f"{d.source_file}:{d.row_number}"
            yield {"section": section, "code": d.dossier_code, "name_vi": d.procedure_name, "numerator": d.days} | {
                "source": source
            }


def _sources(found: Inspection) -> Iterator[Line]:
    """Rows by file."""
    for s in found.sources:
        yield {"section": "sources", "code": s.file, "name_vi": s.stream, "name_en": s.stream, "numerator": s.rows} | {
            "source": s.system
        }
