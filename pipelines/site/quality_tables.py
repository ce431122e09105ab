"""Rows of data that were taken in, warned about and held back, and the rules they broke."""

from __future__ import annotations

from pipelines.domain.labels import SYSTEMS, Text, text_of
from pipelines.domain.rule_messages import message_of
from pipelines.site.figures.reading import Rows
from pipelines.site.markup import COUNT
from pipelines.site.tables import Column, State, Table
from pipelines.site.words import QUALITY
from pipelines.sources.registry import all_contracts


def stream_name(source: str, stream: str) -> Text:
    """A stream as its contract titles it, after its system."""
    for contract in all_contracts():
        if (contract.source, contract.stream) == (source, stream):
            return Text(
                f"{text_of(SYSTEMS, source).vi}: {contract.title.vi}",
                f"{text_of(SYSTEMS, source).en}: {contract.title.en}",
            )
    return Text(f"{source}.{stream}", f"{source}.{stream}")


def quality_table(rows: Rows) -> Table | None:
    """``source, stream`` and the counts of ``QUALITY``."""
    columns = (Column(Text("Luồng dữ liệu", "Stream")), *(Column(label, COUNT) for label in QUALITY.values()))
    lines = [(stream_name(source, stream), *counts) for source, stream, *counts in rows]
    title = Text("Dòng dữ liệu của cơ quan", "Rows of the agency's data")
    return Table("quality", title, columns, lines) if lines else None


def fault_table(rows: Rows) -> Table | None:
    """``source, stream, rule_code, severity, count``, each rule in words."""
    columns = (
        Column(Text("Lỗi", "Fault")),
        Column(Text("Luồng dữ liệu", "Stream")),
        Column(Text("Xử lý", "What was done")),
        Column(Text("Số dòng", "Rows"), COUNT),
    )
    lines = [
        (_rule(source, stream, code), stream_name(source, stream), _severity(severity), count)
        for source, stream, code, severity, count in rows
    ]
    title = Text("Lỗi dữ liệu theo quy tắc", "Faults of data by rule")
    return Table("faults", title, columns, lines) if lines else None


def _rule(source: str, stream: str, code: str) -> Text:
    for contract in all_contracts():
        if (contract.source, contract.stream) == (source, stream):
            message = message_of(contract, code)
            return Text(message.vi, message.en)
    return Text(code, code)


def _severity(severity: str) -> State:
    return State("bad", QUALITY["held"]) if severity == "fail" else State("fair", QUALITY["warned"])
