"""iDesk's exports: registers of documents and the work files (Decree 30/2020/ND-CP, ``domain.md`` §1.4)."""

from __future__ import annotations

import duckdb

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import Dirt, Exporter, Fault, export_moment, period_name, periods
from pipelines.simulate.truth import Truth
from pipelines.sources.registry import contract_for

_PER_MONTH = {"incoming": 400_000 / 16, "outgoing": 200_000 / 16, "work_files": 60_000 / 16}
_TYPES = "['QĐ', 'TB', 'KH', 'BC', 'TTr', 'CV', 'CV', 'CV', 'CV', 'CV']"
_YES = "case when {} then 'Có' else 'Không' end"

_COMMON_FAULTS = (Fault("duplicate_key", {}), Fault("too_few_fields", {}, ragged="cut"))
_ODD = {
    "double_space": ("agency_name", "replace(agency_name, ' ', '  ')"),
    "decomposed": ("agency_name", "replace(replace(agency_name, 'ở', 'ơ' || chr(777)), 'ã', 'a' || chr(771))"),
}
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
    _ODD,
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
    _ODD,
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
    _ODD,
)


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``idesk/incoming``, ``idesk/outgoing`` and ``idesk/work_files`` month by month."""
    _build(connection, config)
    dirts = {"incoming": _INCOMING_DIRT, "outgoing": _OUTGOING_DIRT, "work_files": _WORK_FILE_DIRT}
    queries = {"incoming": _incoming, "outgoing": _outgoing, "work_files": _work_files}
    for stream, query in queries.items():
        exporter = Exporter(connection, config, truth, contract_for("idesk", stream), dirts[stream])
        stem = {"incoming": "vbden", "outgoing": "vbdi", "work_files": "hscv"}[stream]
        for number, (name, first, after) in enumerate(periods(config, nightly=False)):
            moment = export_moment(after)
            text = query(f"timestamp '{first} 01:00:00'", f"timestamp '{moment}'")
            sheet = stream == "work_files" or number % 3 == 2
            exporter.write(text, period_name(stem, name, moment, "")[:-1], sheet=sheet, shape=number)


def _build(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """Documents and work files of all months: day, agency, what was done on line."""
    connection.execute(
        """
        create or replace table office as
        select *, sum(heads) over (order by idx) / sum(heads) over () - heads / sum(heads) over () as head_low
        from (select *, headcount * (0.5 + u('papers', idx)) as heads from agency)
        """
    )
    for stream, usual in _PER_MONTH.items():
        connection.execute(
            f"""
            create or replace table {stream} as
            with days as (
                select d, working_index, sum(activity) over (order by d) / sum(activity) over ()
                    - activity / sum(activity) over () as low
                from calendar where is_working and d >= date '{config.start}' and d < date '{config.end}'
            ),
            placed as (
                select i as id, o.*, b.d, b.working_index,
                    least(o.online_start * 2 + 0.25 + date_diff('month', date '{config.start}', b.d)
                        * (0.01 + o.online_gain / 2), 0.99) as on_line
                from range({round(usual * config.scale * config.months)}) as t(i)
                asof join office as o on u('{stream} office', t.i) >= o.head_low
                asof join days as b on u('{stream} day', t.i) >= b.low
            )
            select p.*, office_time(p.d, u('{stream} time', id)) as begun_at, due.d as due_on,
                case when u('{stream} open', id) >= 0.05 then office_time(done.d, u('{stream} done', id)) end as done_at,
                u('{stream} secret', id) < 0.01 as is_secret,
                row_number() over (partition by p.idx, extract(year from p.d) order by p.d, id) as number,
                extract(year from p.d)::integer as year
            from placed as p
            join working_day as due on due.working_index = p.working_index + between_u(3, 12, u('{stream} days', id))
            join working_day as done on done.working_index = p.working_index + between_u(0, 16, u('{stream} took', id))
            """
        )


def _select(texts: dict[str, str], source: str, order: str) -> str:
    columns = ", ".join(f'{sql} as "{name}"' for name, sql in texts.items())
    return f"select row_number() over (order by {order}) as ord, true as dirtable, []::varchar[] as flags, {columns} from {source}"


def _alive(stream: str, start: str, end: str) -> str:
    """Rows that were made or finished between two exports, as they stood at the later one."""
    return f"""(
        select *, greatest(done_at, begun_at + interval 1 hour) as finished_at,
            greatest(done_at, begun_at + interval 1 hour) < {end} as is_done
        from {stream} where begun_at < {end} and (begun_at >= {start}
            or (greatest(done_at, begun_at + interval 1 hour) >= {start} and greatest(done_at, begun_at + interval 1 hour) < {end})))"""


def _day(column: str) -> str:
    return f"coalesce(strftime({column}, '%d/%m/%Y'), '')"


def _moment(column: str) -> str:
    return f"coalesce(strftime({column}, '%d/%m/%Y %H:%M:%S'), '')"


def _incoming(start: str, end: str) -> str:
    online = "u('in line', id) < on_line"
    texts = {
        "agency_code": "legacy_code",
        "agency_name": "agency_name",
        "book_year": "year::varchar",
        "arrival_number": "number::varchar",
        "arrived_on": _day("begun_at"),
        "registered_at": _moment("begun_at"),
        "author_agency": "'Cơ quan ' || between_u(1, 300, u('author', id))",
        "document_symbol": f"between_u(1, 4000, u('symbol', id)) || '/' || pick({_TYPES}, u('in type', id)) || '-UBND'",
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
        "closed_at": f"case when is_done then {_moment('finished_at')} else '' end",
        "handled_in_system": _YES.format(online),
        "work_file_code": f"case when {online} then year || '.' || between_u(1, 40, u('in file', id)) else '' end",
        "reply_symbol": "''",
        "updated_at": f"case when is_done then {_moment('finished_at')} else {_moment('begun_at')} end",
    }
    return _select(texts, _alive("incoming", start, end), "begun_at, id")


def _outgoing(start: str, end: str) -> str:
    kind = f"pick({_TYPES}, u('out type', id))"
    texts = {
        "agency_code": "legacy_code",
        "agency_name": "agency_name",
        "book_year": "year::varchar",
        "document_symbol": f"lpad(number::varchar, 2, '0') || '/' || case when {kind} = 'CV' then 'CQ' || idx || '-VP' "
        f"else {kind} || '-CQ' || idx end",
        "issued_on": _day("d"),
        "document_type": kind,
        "subject": "'Về việc số ' || id",
        "signer_name": "(select s.full_name from staff as s where s.agency_idx = a.idx and s.place_in_agency = 1)",
        "recipients": "'Như trên; Lưu: VT'",
        "copies": "between_u(1, 20, u('copies', id))::varchar",
        "sent_at": _moment("begun_at"),
        "secrecy": "case when is_secret then 'Mật' else 'Thường' end",
        "priority": "pick(['Thường', 'Thường', 'Thường', 'Khẩn'], u('out priority', id))",
        "signed_by_person": _YES.format("u('person', id) < on_line + 0.1"),
        "signed_by_agency": _YES.format("u('seal', id) < on_line + 0.2"),
        "sent_electronically": _YES.format("u('sent', id) < on_line + 0.25"),
        "paper_copies": "case when u('paper', id) < on_line then '0' else between_u(1, 9, u('sheets', id))::varchar end",
        "work_file_code": "year || '.' || between_u(1, 40, u('out file', id))",
        "updated_at": _moment("begun_at"),
        "note": "''",
    }
    made = f"(select * from outgoing where begun_at >= {start} and begun_at < {end}) as a"
    texts["signer_name"] = "signer"
    source = f"{made} left join (select agency_idx, full_name as signer from staff where place_in_agency = 1) as s on s.agency_idx = a.idx"
    return _select(texts, source, "begun_at, id")


def _work_files(start: str, end: str) -> str:
    steps, papers = "between_u(2, 6, u('steps', id))", "between_u(1, 12, u('papers', id))"
    whole = "u('whole', id) < on_line"
    texts = {
        "work_file_code": "lpad(number::varchar, 3, '0') || '.HS' || idx || '.' || year",
        "agency_code": "legacy_code",
        "agency_name": "agency_name",
        "book_year": "year::varchar",
        "title": "'Hồ sơ công việc số ' || id",
        "planned": _YES.format("u('planned', id) < 0.85"),
        "creator_name": "creator",
        "opened_on": _day("d"),
        "due_on": _day("due_on"),
        "closed_on": f"case when is_done then {_day('finished_at')} else '' end",
        "opened_in_system": _YES.format("u('opened', id) < on_line + 0.05"),
        "step_count": f"({steps})::varchar",
        "online_step_count": f"case when {whole} then ({steps})::varchar else ({steps} - 1)::varchar end",
        "document_count": f"({papers})::varchar",
        "online_document_count": f"case when {whole} then ({papers})::varchar else between_u(0, {papers}, u('some', id))::varchar end",
        "secrecy": "case when is_secret then 'Mật' else 'Thường' end",
        "updated_at": f"case when is_done then {_moment('finished_at')} else {_moment('begun_at')} end",
    }
    source = f"{_alive('work_files', start, end)} as a left join (select agency_idx, full_name as creator from staff where place_in_agency = 2) as s on s.agency_idx = a.idx"
    return _select(texts, source, "begun_at, id")
