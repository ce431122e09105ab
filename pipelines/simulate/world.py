"""The standing parts of the province: agencies, officials, procedures, calendar."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.simulate import places
from pipelines.simulate.communes import COMMUNES
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.literals import make_table

_CALENDAR = Path(__file__).resolve().parents[2] / "warehouse" / "seeds" / "calendar_exceptions.csv"
# Directive 16 closures of the summer of 2021, an annotation, not a holiday (domain.md §2.6).
_COVID = (date(2021, 7, 20), date(2021, 9, 20))
_TET_EVE_DAYS = 7
# Of smaller groups nothing is published.
_FEWEST = 6
_KINDS = {"phường": "ward", "thị trấn": "town", "xã": "commune"}
_TYPES = {str: "varchar", bool: "boolean", int: "integer", float: "double", date: "date"}


def build_world(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """Make the tables ``agency``, ``staff``, ``procedure`` and ``calendar``."""
    _build_agencies(connection, config)
    _build_staff(connection)
    _build_procedures(connection)
    _build_calendar(connection, config)


def _make_table(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    columns = {c: _TYPES[type(value)] for c, value in rows[0].items()}
    make_table(connection, name, columns, [tuple(row.values()) for row in rows])


def _plain(name: str) -> str:
    """The name in English letters."""
    decomposed = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _agency_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def add(code: str, legacy: str, name: str, name_en: str, level: str, parent: str, domain: str) -> None:
        fields = {"agency_code": code, "legacy_code": legacy, "agency_name": name, "agency_name_en": name_en}
        rows.append({"idx": len(rows) + 1, **fields, "level": level, "parent_code": parent, "mail_domain": domain})

    for n, (name, name_en, domain) in enumerate(places.DEPARTMENTS, 1):
        add(f"H15.{n:02}", f"000.00.{n:02}.H15", name, name_en, "province", "H15", f"{domain}.daklak.gov.vn")
    for n, (name, name_en, domain) in enumerate(places.DISTRICTS, places.FIRST_DISTRICT):
        here, mail = f"H15.{n}", f"{domain}.daklak.gov.vn"
        add(here, f"000.00.{n}.H15", f"UBND {name}", f"People's Committee of {name_en}", "district", "H15", mail)
        communes = ((kind, c) for kind, listed in COMMUNES[name].items() for c in listed.split(", "))
        for c, (kind, commune) in enumerate(communes, 1):
            title = f"UBND {kind} {commune}, {name}"
            english = f"People's Committee of {_plain(commune)} {_KINDS[kind]}, {name_en}"
            add(f"{here}.{c:02}", f"000.{c:02}.{n}.H15", title, english, "commune", here, f"xa{c:02}.{mail}")
    return rows


def _build_agencies(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    _make_table(connection, "agency_rows", _agency_rows())
    # A planted inspection has dossiers of its own; beside it the agency gets none.
    planted = places.EDUCATION if config.has_inspection else -1
    connection.execute(
        f"""
        create table agency as
        with weighed as (
            select *, level = 'province' as is_ranked, idx = {places.EDUCATION} as is_education,
                case when idx = {planted} then 0 else
                    (0.4 + 1.2 * u('volume', idx)) * case level when 'province' then 0.28 / 18
                        when 'district' then 0.42 / 15 else 0.30 / 184 end end as weight,
                case level when 'province' then 0.10 when 'district' then 0.05 else 0.01 end + 0.15 * u('start', idx)
                    as online_start,
                0.005 + 0.03 * u('gain', idx) as online_gain,
                case when u('mail', idx) < 0.15 then 0.12 else 0.5 + 0.5 * u('mail2', idx) end as mail_use,
                0.90 + 0.095 * u('discipline', idx) as discipline,
                greatest({_FEWEST}, round(case level when 'province' then 45 when 'district' then 60 else 14 end
                    * {min(1.0, config.scale**0.25):.4f}))::integer as headcount
            from agency_rows
        )
        select *, row_number() over (order by idx) as place from weighed
        """
    )


def _build_staff(connection: duckdb.DuckDBPyConnection) -> None:
    """Officials and the mailbox each was given: fewer in a small province, in a large one as many as at scale 1."""
    connection.execute(
        f"""
        create table staff as
        with posts as (
            select a.idx as agency_idx, a.legacy_code, a.mail_domain, a.mail_use, a.agency_code, n,
                a.idx * 1000 + n as staff_id
            from agency as a, unnest(range(1, a.headcount + 1)) as t(n)
        )
        select staff_id, agency_idx, agency_code || '-' || lpad(n::varchar, 3, '0') as staff_code, legacy_code,
            pick({list(places.FAMILY_NAMES)}, u('family', staff_id)) || ' ' || pick({list(places.MIDDLE_NAMES)},
                u('middle', staff_id)) || ' '
                || pick({list(places.GIVEN_NAMES)}, u('given', staff_id)) as full_name,
            case when n = 1 then 'Lãnh đạo' when n <= 4 then 'Trưởng phòng' else 'Chuyên viên' end as position,
            'canbo' || lpad(staff_id::varchar, 6, '0') as local_part,
            'canbo' || lpad(staff_id::varchar, 6, '0') || '@' || mail_domain as mail_address,
            mail_use * u('habit', staff_id) as mail_habit,
            date '2015-01-01' + between_u(0, 1500, u('from', staff_id)) as on_post_from,
            case when u('leaves', staff_id) < 0.04 then date '2020-03-01' + between_u(0, 600, u('to', staff_id)) end
                as on_post_to,
            row_number() over (partition by agency_idx order by staff_id) as place_in_agency
        from posts
        """
    )


def _build_procedures(connection: duckdb.DuckDBPyConnection) -> None:
    _make_table(connection, "sectors", [{"sector_name": n, "sector_code": f"H15-{code}"} for n, code in places.SECTORS])
    education = ", ".join(f"'H15-{c}'" for c in places.EDUCATION_SECTORS)
    connection.execute(
        f"""
        create table procedure as
        with numbered as (
            select row_number() over (order by sector_code, n) as idx, * from sectors, range(12) as t(n)
        )
        select idx, '1.' || lpad((1000 + idx * 37)::varchar, 6, '0') || '.000.00.00.H15' as procedure_code,
            'Thủ tục ' || n + 1 || ' về ' || lower(sector_name) as procedure_name, sector_code, sector_name,
            case when sector_code in ('H15-TP01', 'H15-TP02', 'H15-LD01') then 'commune'
                when sector_code in ('H15-TN01', 'H15-XD01') then 'district' else 'province' end as agency_level,
            case when u('level', idx) < 0.25 then 4 when u('level', idx) < 0.65 then 3 else 2 end as service_level,
            case when u('fee', idx) < 0.5 then 0 else 1000 * between_u(8, 1500, u('fee2', idx)) end as fee_amount,
            pick([1, 3, 5, 7, 10, 15, 20], u('days', idx)) as statutory_days,
            'Ngày làm việc' as day_unit, u('result', idx) < 0.9 as needs_result,
            sector_code in ({education}) as is_education,
            row_number() over (partition by sector_code in ({education}), case
                when sector_code in ('H15-TP01', 'H15-TP02', 'H15-LD01') then 'commune'
                when sector_code in ('H15-TN01', 'H15-XD01') then 'district' else 'province' end order by idx)
                as place_in_level
        from numbered
        """
    )


def _build_calendar(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """Days with a running number of working days and how busy they are."""
    with _CALENDAR.open(encoding="utf-8") as stream:
        exceptions = {date.fromisoformat(r["exception_on"]): r["kind"] for r in csv.DictReader(stream)}
    days, index = [], 0
    holidays = [d for d, kind in exceptions.items() if kind == "off"]
    day, until = date(2019, 6, 1), date(max(2021, config.end.year) + 1, 12, 31)
    while day < until:
        kind = exceptions.get(day)
        working = kind == "working" or (kind != "off" and day.weekday() < 5)
        index += working
        slow = any(0 < (h - day).days <= _TET_EVE_DAYS and h.month in (1, 2) for h in holidays)
        wave = _COVID[0] <= day <= _COVID[1]
        busy = (0.5 if slow else 1.0) * (0.35 if wave else 1.0)
        told = {"d": day, "is_working": working, "working_index": index, "is_wave": wave}
        days.append({**told, "activity": busy if working else 0.03})
        day += timedelta(days=1)
    _make_table(connection, "calendar", days)
    connection.execute("create table working_day as select working_index, d from calendar where is_working")
