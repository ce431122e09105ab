"""iDesk's exports: registers of documents and the work files (Decree 30/2020/ND-CP, ``domain.md`` §1.4)."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.dirt import DATE, ODD_NAMES, Dirt, Fault, excel_serial
from pipelines.simulate.exports import Stream, export
from pipelines.simulate.files import file_of_sql, periods
from pipelines.simulate.randomness import make_slots
from pipelines.simulate.truth import Truth
from pipelines.sources.registry import contract_for

_PER_MONTH = {"incoming": 400_000 / 16, "outgoing": 200_000 / 16, "work_files": 60_000 / 16}
_SHOWN = {"incoming": 2.0, "outgoing": 1.0, "work_files": 2.0}  # exports in which a row stands, at most
_TYPES = "['QĐ', 'TB', 'KH', 'BC', 'TTr', 'CV', 'CV', 'CV', 'CV', 'CV']"
_YES = "case when {} then 'Có' else 'Không' end"

_COMMON_FAULTS = (Fault("duplicate_key"), Fault("too_few_fields", ragged="cut"))
_INCOMING_DIRT = Dirt(
    {"arrival_number": "'9' || lpad(({n})::varchar, 8, '0')"},
    (
        Fault("required_missing", {"arrived_on": "''"}),
        Fault("bad_date", {"arrived_on": "'31/11/2020'"}),
        Fault("bad_pattern", {"document_symbol": "'số lạ'"}),
        Fault("bad_enum", {"priority": "'Rất gấp'"}),
        Fault("bad_boolean", {"needs_action": "'tùy'"}),
        Fault("out_of_range", {"book_year": "'1920'"}),
        Fault(
            "closed_before_arrived",
            {"arrived_on": "'10/03/2020'", "issued_on": "''", "closed_at": "'09/03/2020 08:00:00'"},
        ),
        *_COMMON_FAULTS,
    ),
    {**ODD_NAMES, "excel_serial": excel_serial("arrived_on", DATE)},
)
_OUTGOING_DIRT = Dirt(
    {"document_symbol": "'9' || lpad((({n}) % 100000)::varchar, 5, '0') || '/LOI' || ({n})"},
    (
        Fault("required_missing", {"issued_on": "''"}),
        Fault("bad_date", {"issued_on": "'30/02/2020'"}),
        Fault("bad_enum", {"secrecy": "'Kín'"}),
        Fault("bad_number", {"copies": "'hai bản'"}),
        Fault("out_of_range", {"paper_copies": "'-2'"}),
        Fault("bad_pattern", {"agency_code": "'000.00.01.H22'"}),
        *_COMMON_FAULTS,
    ),
    {**ODD_NAMES, "excel_serial": excel_serial("issued_on", DATE)},
)
_WORK_FILE_DIRT = Dirt(
    {"work_file_code": "'LOI.' || ({n})"},
    (
        Fault("required_missing", {"opened_on": "''"}),
        Fault("bad_date", {"opened_on": "'31/04/2020'"}),
        Fault("bad_boolean", {"planned": "'chưa rõ'"}),
        Fault("closed_before_opened", {"opened_on": "'10/03/2020'", "closed_on": "'09/03/2020'"}),
        Fault("more_online_than_all", {"step_count": "'1'", "online_step_count": "'9'"}),
        Fault("bad_number", {"document_count": "'1.887,5.3'"}),
        *_COMMON_FAULTS,
    ),
    {**ODD_NAMES, "excel_serial": excel_serial("opened_on", DATE)},
)


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``idesk/incoming``, ``idesk/outgoing`` and ``idesk/work_files`` month by month."""
    _build(connection, config)
    export(connection, config, truth, _stream(config, "incoming", "vbden", _INCOMING_DIRT, _INCOMING))
    export(connection, config, truth, _stream(config, "outgoing", "vbdi", _OUTGOING_DIRT, _OUTGOING))
    export(connection, config, truth, _stream(config, "work_files", "hscv", _WORK_FILE_DIRT, _WORK_FILES))


def _stream(config: SimulationConfig, name: str, stem: str, dirt: Dirt, texts: dict[str, str]) -> Stream:
    return Stream(
        contract=contract_for("idesk", name),
        stem=stem,
        periods=periods(config, nightly=False),
        query=_shown(config, name),
        texts=texts,
        rows_per_month=_PER_MONTH[name] * _SHOWN[name] * config.scale,
        dirt=dirt,
        joins="""
            left join agency as a on a.idx = shown.agency_idx
            left join (select agency_idx as headed, full_name as head from staff where place_in_agency = 1)
                on headed = idx
            left join (select agency_idx as kept, full_name as clerk from staff where place_in_agency = 2)
                on kept = idx
        """,
        sheets=lambda number: number % 3 == 2,
        quoted=frozenset(("agency_name", "subject", "recipients")),
    )


def _build(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """Documents and work files of all months: day, agency, what was done on line."""
    make_slots(
        connection,
        "office_slot",
        "select 0 as grp, idx as item, headcount * (0.5 + u('papers', idx)) as weight from agency",
    )
    make_slots(
        connection,
        "office_day_slot",
        "select 0 as grp, d as item, activity as weight from calendar "
        f"where is_working and d >= date '{config.start}' and d < date '{config.end}'",
    )
    for stream, usual in _PER_MONTH.items():
        connection.execute(
            f"""
            create or replace table {stream} as
            with placed as (
                select i as id, a.idx as agency_idx, c.d, c.working_index,
                    least(a.online_start * 2 + 0.25 + date_diff('month', date '{config.start}', c.d)
                        * (0.01 + a.online_gain / 2) + case when c.is_wave then 0.1 else 0 end, 0.99) as on_line
                from range({round(usual * config.scale * config.months)}) as t(i)
                join office_slot as o on o.slot = slot(u('{stream} office', t.i))
                join agency as a on a.idx = o.item
                join office_day_slot as b on b.slot = slot(u('{stream} day', t.i))
                join calendar as c on c.d = b.item
            ),
            timed as (
                select p.*, office_time(p.d, u('{stream} time', id)) as begun_at, due.d as due_on,
                    case when u('{stream} open', id) >= 0.05 then office_time(done.d, u('{stream} done',
                        id)) end as done_at,
                    u('{stream} secret', id) < 0.01 as is_secret
                from placed as p
                join working_day as due on due.working_index = p.working_index + between_u(3, 12,
                    u('{stream} days', id))
                join working_day as done on done.working_index = p.working_index + between_u(0, 16,
                    u('{stream} took', id))
            )
            select * exclude (done_at, working_index), extract(year from d)::integer as year,
                case when done_at is not null then greatest(done_at, begun_at + interval 1 hour) end as finished_at,
                row_number() over (partition by agency_idx, extract(year from d) order by d, id) as number
            from timed
            order by d, id
            """
        )


def _shown(config: SimulationConfig, stream: str) -> Callable[[int, int], str]:
    """Rows that were made or finished between two exports, as they stood at the later one."""
    months = periods(config, nightly=False)
    # An outgoing document is finished when it is registered.
    done = "null" if stream == "outgoing" else file_of_sql(config, "finished_at", nightly=False)

    def query(first: int, last: int) -> str:
        starts, ends = f"timestamp '{months[first].first} 01:00:00'", f"timestamp '{months[last].exported_at}'"
        moments = ", ".join(f"({p.number}, timestamp '{p.exported_at}')" for p in months[first : last + 1])
        return f"""
            with made as (
                select *, {file_of_sql(config, "begun_at", nightly=False)} as begun_in, {done} as done_in from {stream}
                where begun_at < {ends} and greatest(begun_at, finished_at) >= {starts}
            ),
            exported as (
                select *, unnest(case when done_in is null or done_in = begun_in then [begun_in] else [begun_in,
                    done_in] end)
                    as file from made
            )
            select file, begun_at as sort_at, id as ident, true as dirtable, 0 as flags, 0 as signs, id,
                agency_idx, d, year,
                number, on_line, is_secret, begun_at, due_on, case when finished_at < ends_at
                    then finished_at end as done_at
            from exported as e join (values {moments}) as t(month, ends_at) on t.month = e.file
        """

    return query


def _day(column: str) -> str:
    return f"strftime({column}, '%d/%m/%Y')"


def _moment(column: str) -> str:
    return f"strftime({column}, '%d/%m/%Y %H:%M:%S')"


_ONLINE = "u('in line', id) < on_line"
_KIND = f"pick({_TYPES}, u('out type', id))"
_STEPS, _PAPERS, _WHOLE = (
    "between_u(2, 6, u('steps', id))",
    "between_u(1, 12, u('papers', id))",
    "u('whole', id) < on_line",
)
_INCOMING = {
    "agency_code": "legacy_code",
    "agency_name": "agency_name",
    "book_year": "year::varchar",
    "arrival_number": "number::varchar",
    "arrived_on": _day("begun_at"),
    "registered_at": _moment("begun_at"),
    "author_agency": "'Cơ quan ' || between_u(1, 300, u('author', id))",
    "document_symbol": f"concat(between_u(1, 4000, u('symbol', id)), '/', pick({_TYPES}, u('in type', id)), '-UBND')",
    "issued_on": _day("d - between_u(0, 3, u('issued', id))"),
    "document_type": f"pick({_TYPES}, u('in type', id))",
    "subject": "case when u('phone in', id) < 0.01 then 'V/v trả lời công dân, số điện thoại 09' || "
    "lpad(between_u(0, 99999999, u('in phone', id))::varchar, 8, '0') else 'V/v công tác số ' || id end",
    "assignee": "'Phòng ' || between_u(1, 6, u('assignee', id))",
    "secrecy": "case when is_secret then 'Mật' else 'Thường' end",
    "priority": "pick(['Thường', 'Thường', 'Thường', 'Thường', 'Khẩn', 'Hỏa tốc'], u('priority', id))",
    "received_electronically": _YES.format("u('by wire', id) < on_line + 0.1"),
    "needs_action": _YES.format("u('action', id) < 0.6"),
    "due_on": f"case when u('action', id) < 0.6 then {_day('due_on')} else '' end",
    "assigned_at": f"case when u('assigned', id) < 0.95 then {_moment('begun_at + interval 20 minute')} else '' end",
    "closed_at": _moment("done_at"),
    "handled_in_system": _YES.format(_ONLINE),
    "work_file_code": f"case when {_ONLINE} then concat(year, '.', between_u(1, 40, u('in file', id))) else '' end",
    "reply_symbol": "''",
    "updated_at": _moment("coalesce(done_at, begun_at)"),
}
_OUTGOING = {
    "agency_code": "legacy_code",
    "agency_name": "agency_name",
    "book_year": "year::varchar",
    "document_symbol": "concat(case when number < 10 then '0' else '' end, number, '/', "
    f"case when {_KIND} = 'CV' then concat('CQ', idx, '-VP') else concat({_KIND}, '-CQ', idx) end)",
    "issued_on": _day("d"),
    "document_type": _KIND,
    "subject": "'Về việc số ' || id",
    "signer_name": "head",
    "recipients": "'Như trên; Lưu: VT'",
    "copies": "between_u(1, 20, u('copies', id))::varchar",
    "sent_at": _moment("begun_at"),
    "secrecy": "case when is_secret then 'Mật' else 'Thường' end",
    "priority": "pick(['Thường', 'Thường', 'Thường', 'Khẩn'], u('out priority', id))",
    "signed_by_person": _YES.format("u('person', id) < on_line + 0.1"),
    "signed_by_agency": _YES.format("u('seal', id) < on_line + 0.2"),
    "sent_electronically": _YES.format("u('sent', id) < on_line + 0.25"),
    "paper_copies": "case when u('paper', id) < on_line then '0' else between_u(1, 9, u('sheets', id))::varchar end",
    "work_file_code": "concat(year, '.', between_u(1, 40, u('out file', id)))",
    "updated_at": _moment("begun_at"),
    "note": "''",
}
_WORK_FILES = {
    "work_file_code": "concat(lpad(number::varchar, greatest(len(number::varchar), 3)::integer, '0'), "
    "'.HS', idx, '.', year)",
    "agency_code": "legacy_code",
    "agency_name": "agency_name",
    "book_year": "year::varchar",
    "title": "'Hồ sơ công việc số ' || id",
    "planned": _YES.format("u('planned', id) < 0.85"),
    "creator_name": "clerk",
    "opened_on": _day("d"),
    "due_on": _day("due_on"),
    "closed_on": _day("done_at"),
    "opened_in_system": _YES.format("u('opened', id) < on_line + 0.05"),
    "step_count": f"({_STEPS})::varchar",
    "online_step_count": f"case when {_WHOLE} then ({_STEPS})::varchar else ({_STEPS} - 1)::varchar end",
    "document_count": f"({_PAPERS})::varchar",
    "online_document_count": f"case when {_WHOLE} then ({_PAPERS})::varchar "
    f"else between_u(0, {_PAPERS}, u('some', id))::varchar end",
    "secrecy": "case when is_secret then 'Mật' else 'Thường' end",
    "updated_at": _moment("coalesce(done_at, begun_at)"),
}
