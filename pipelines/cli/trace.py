"""``cchc trace``: from a figure back to the files behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Json, begin, count, emit, month_of, say, say_paragraph, table

if TYPE_CHECKING:
    from pipelines.flows.trace import Trace

_ROLES = {"rows": "dòng của số liệu", "log": "nhật ký", "list": "danh mục tra cứu"}


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc trace DOSSIER_ONLINE --agency H15.07 --from 2021-01 --to 2021-03`")(trace)


def trace(
    indicator: Annotated[
        str, typer.Argument(help="Code of the indicator, see dim_indicator.", autocompletion=completions.indicators)
    ],
    agency: Annotated[
        str, typer.Option(help="Code of the agency, of either generation.", autocompletion=completions.agencies)
    ],
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Lead a figure back to its files: their hashes, when they were exported, and how many rows came from each.

    Rows of facts name their file: those of the agency that were received, resolved or registered in the period. Of
    logs all files of the stream since the first month are named, for a line does not tell whose it is; of lists
    (agencies, procedures) the newest.
    """
    from pipelines.flows.trace import trace as trace_flow

    settings = begin(as_json=json, debug=debug)
    found = trace_flow(settings, indicator=indicator, agency=agency, start=month_of(first), end=month_of(last))
    if not emit(found):
        _show(found)


def _show(found: Trace) -> None:
    from pipelines.domain.numbers import vi_percent

    say_paragraph(f"{found.indicator_code}: {found.name_vi} = {found.formula_vi}")
    say_paragraph(f"{found.agency_name} ({found.agency_code}), {found.snapshot}, số liệu tính đến {found.as_of}")
    is_share = all(m.denominator is not None for m in found.months if m.value is not None)
    table(
        "Số liệu",
        ["kỳ", "tử số", "mẫu số", "giá trị", "lý do trống"],
        [
            (
                f"{m.month:%m/%Y}",
                count(m.numerator),
                count(m.denominator),
                vi_percent(m.value) if is_share else m.value,
                m.na_reason,
            )
            for m in found.months
        ],
        right={1, 2, 3},
    )
    table(
        "Tệp",
        ["vai trò", "luồng", "tệp", "xuất lúc", "dòng của đơn vị, kỳ", "dòng trong tệp", "sha256"],
        [
            (_ROLES[f.role], f.stream, f.file, f.exported_at, count(f.rows), count(f.rows_in_file), f.sha256[:16])
            for f in found.files
        ],
        right={4, 5},
    )
    say("Mã băm đầy đủ: --json.")
