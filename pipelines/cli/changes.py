"""What was changed in a closed period: two states of the figures side by side, on a terminal or as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Json, begin, count, day_of, emit, month_of, say, table
from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    from pipelines.flows.changes import Changes

_KINDS = {
    "added": "thêm",
    "removed": "mất",
    "end_moved": "sửa ngày kết thúc",
    "due_moved": "sửa hẹn trả",
    "class_changed": "đổi loại",
    "reception_moved": "sửa ngày tiếp nhận",
    "agency_changed": "đổi cơ quan",
}
_SUBJECTS = {"dossier": "hồ sơ", "document": "văn bản"}
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc changes --from 2021-01 --to 2021-03 --known 2021-04-05 --now 2021-06-30`")(
        changes
    )


def changes(
    first: Annotated[str, typer.Option("--from", help="First month of the closed period, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    known: Annotated[str, typer.Option(help="What had been exported by that day, YYYY-MM-DD, as it was reported.")],
    now: Annotated[
        str | None, typer.Option(help="Against what had been exported by that day; else what is published.")
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(help="Code of one agency, of either generation; else all.", autocompletion=completions.agencies),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write every change there, as CSV.")] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List what was changed afterwards in a closed period, by agency, and how its figures moved."""
    from pipelines.flows.changes import Period
    from pipelines.flows.changes import changes as changes_flow
    from pipelines.storage.atomic import whole_file

    settings = begin(as_json=json, debug=debug)
    day = day_of(known)
    if day is None:
        raise WrongUse("--known is missing.", next_step="Name the day on which the period had been reported.")
    period = Period(month_of(first), month_of(last), agency)
    if output is None:
        found = changes_flow(settings, period, known=day, now=day_of(now))
    else:
        with whole_file(output) as draft:
            found = changes_flow(settings, period, known=day, now=day_of(now), csv=draft)
    if emit(found):
        return
    _show(found)
    if output is not None:
        say(f"Written: {output}")


def _show(found: Changes) -> None:
    say(
        f"Kỳ {found.start:%m/%Y} – {found.end:%m/%Y}: biết đến {found.known_as_of} so với {found.now_as_of}, "
        f"quy tắc {found.rule_code}. {count(found.row_count)} thay đổi. Thay đổi không phải là kết luận vi phạm."
    )
    table(
        "Thay đổi theo cơ quan",
        ["mã", "cơ quan", "đối tượng", "loại thay đổi", "số lượng"],
        [(k.agency_code, k.agency_name, _SUBJECTS[k.subject], _KINDS[k.kind], count(k.count)) for k in found.kinds],
        right={4},
    )
    table(
        "Số liệu đã khác đi",
        ["mã", "cơ quan", "số liệu", "phần", "khi đó", "bây giờ", "chênh lệch"],
        [
            (m.agency_code, m.agency_name, m.code, m.part, count(m.known), count(m.now), _difference(m.known, m.now))
            for m in found.figures
        ],
        right={4, 5, 6},
    )
    table(
        f"{min(_SHOWN, len(found.rows))} thay đổi đầu; --output ghi tất cả",
        ["mã", "đối tượng", "loại", "khi đó", "bây giờ", "tệp", "dòng"],
        [
            (r.agency_code, r.code, _KINDS[r.kind], r.known_value, r.now_value, r.source_file, r.row_number)
            for r in found.rows[:_SHOWN]
        ],
        right={6},
    )


def _difference(known: int | None, now: int | None) -> str:
    return "" if known is None or now is None else f"{'+' if now > known else '−'}{count(abs(now - known))}"
