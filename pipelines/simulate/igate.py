"""iGate's exports: the register of dossiers and their steps, as they stood at each export."""

from __future__ import annotations

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.simulate import places
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import Dirt, Exporter, Fault, export_moment, period_name, periods
from pipelines.simulate.igate_dossiers import build_dossiers
from pipelines.simulate.truth import Truth
from pipelines.sources.registry import contract_for

_SHOWN = "%d/%m/%Y %H:%M:%S"
_SHEET_EVERY = 5

_DOSSIER_DIRT = Dirt(
    new_key={
        "dossier_code": "split_part(dossier_code, '-', 1) || '-' || split_part(dossier_code, '-', 2) || '-' || {n}"
    },
    faults=(
        Fault("required_missing", {"received_at": "''"}),
        Fault("bad_date", {"due_at": "'31/02/2021 08:00:00'"}),
        Fault("bad_number", {"fee_amount": "'1.887,5.3'"}),
        Fault("bad_pattern", {"agency_code": "'000.00.12.H22'"}),
        Fault("bad_enum", {"status_code": "'99'"}),
        Fault("bad_boolean", {"vneid_verified": "'có lẽ'"}),
        Fault("out_of_range", {"supplement_count": "'-1'"}),
        Fault("ended_before_received", {"received_at": "'05/01/2020 08:00:00'", "ended_at": "'04/01/2020 08:00:00'"}),
        Fault("duplicate_key", {}),
        Fault("too_few_fields", {}, ragged="cut"),
        Fault("too_many_fields", {}, ragged="added"),
    ),
    odd={
        "double_space": ("agency_name", "replace(agency_name, ' ', '  ')"),
        "no_break_space": ("procedure_name", "replace(procedure_name, ' ', chr(160))"),
        "other_date_format": ("received_at", "strftime(strptime(received_at, '%d/%m/%Y %H:%M:%S'), '%Y%m%d%H%M%S')"),
        "decomposed": ("agency_name", "replace(replace(agency_name, 'ở', 'ơ' || chr(777)), 'ã', 'a' || chr(771))"),
        "thousands": ("fee_amount", "replace(format('{:,}', cast(fee_amount as bigint)), ',', '.')"),
    },
)
_STEP_DIRT = Dirt(
    new_key={
        "dossier_code": "split_part(dossier_code, '-', 1) || '-' || split_part(dossier_code, '-', 2) || '-' || {n}"
    },
    faults=(
        Fault("required_missing", {"started_at": "''"}),
        Fault("bad_date", {"started_at": "'30/02/2020 09:00:00'"}),
        Fault("bad_enum", {"status_code": "'77'"}),
        Fault("bad_pattern", {"dossier_code": "'HS-' || {n}"}),
        Fault(
            "step_ended_before_start", {"started_at": "'05/01/2020 08:00:00'", "processed_at": "'04/01/2020 08:00:00'"}
        ),
        Fault("out_of_range", {"step_number": "'0'"}),
        Fault("duplicate_key", {}),
        Fault("too_few_fields", {}, ragged="cut"),
    ),
    odd={
        "double_space": ("department", "replace(department, ' ', '  ')"),
        "other_date_format": ("started_at", "strftime(strptime(started_at, '%d/%m/%Y %H:%M:%S'), '%Y%m%d%H%M%S')"),
    },
)


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``igate/dossiers`` and ``igate/steps``: monthly files, nightly ones in the last month."""
    build_dossiers(connection, config)
    dossiers = Exporter(connection, config, truth, contract_for("igate", "dossiers"), _DOSSIER_DIRT)
    steps = Exporter(connection, config, truth, contract_for("igate", "steps"), _STEP_DIRT)
    for number, (name, first, after) in enumerate(periods(config, nightly=True)):
        moment = export_moment(after)
        sheet = number % _SHEET_EVERY == 3
        start, end = f"timestamp '{first} 01:00:00'", f"timestamp '{moment}'"
        dossiers.write(dossier_query(start, end), period_name("hoso", name, moment, "")[:-1], sheet=sheet, shape=number)
        steps.write(step_query(start, end), period_name("tientrinh", name, moment, "")[:-1], sheet=sheet, shape=number)


def _when(column: str) -> str:
    return f"coalesce(strftime({column}, '{_SHOWN}'), '')"


def dossier_query(start: str, end: str) -> str:
    """Dossiers that changed between two exports, as they stood at the later one."""
    texts = {
        "dossier_code": "dossier_code",
        "procedure_code": "procedure_code",
        "procedure_name": "procedure_name",
        "sector_code": "sector_code",
        "sector_name": "sector_name",
        "service_level": "service_level::varchar",
        "channel": "channel::varchar",
        "applicant_name": "applicant_name",
        "applicant_id_number": "lpad((10000000000 + cast(floor(u('cccd', id) * 89999999999) as bigint))::varchar, 12, '0')",
        "applicant_type": "case when u('type', id) < 0.9 then 'Công dân' else 'Doanh nghiệp' end",
        "applicant_address": f"between_u(1, 999, u('house', id)) || ' {{}} '".replace(
            "{}", "' || pick(" + str(list(places.STREETS)) + ", u('street', id)) || '"
        )
        + " || 'hẻm ' || between_u(1, 99, u('lane', id))",
        "applicant_phone": "'09' || lpad(between_u(0, 99999999, u('phone', id))::varchar, 8, '0')",
        "applicant_email": "case when channel = 2 then 'congdan' || between_u(100000, 9999999, u('mail', id)) "
        "|| '@gmail.com' else '' end",
        "abstract": "procedure_name || ' của ' || applicant_name",
        "submitted_at": _when("submitted_at"),
        "received_at": _when("shown_received_at"),
        "due_at": _when("shown_due_at"),
        "ended_at": _when("shown_ended_at"),
        "returned_at": _when("shown_returned_at"),
        "refused_at": _when("refused_at"),
        "status_code": "status::varchar",
        "return_method": "case when shown_returned_at is null then '' when u('post return', id) < 0.06 then '1' else '0' end",
        "agency_code": "legacy_code",
        "agency_name": "agency_name",
        "receiving_agency_code": "legacy_code",
        "online_payment": "case when fee_amount > 0 and channel = 2 and u('pay', id) < 0.3 then '1' else '0' end",
        "fee_amount": "fee_amount::varchar",
        "supplement_count": "shown_supplements::varchar",
        "supplement_requested_at": _when("case when shown_supplements > 0 then requested_at end"),
        "supplement_received_at": _when("case when supplied_at < asof_at then supplied_at end"),
        "document_count": "between_u(1, 6, u('documents', id))::varchar",
        "component_digitised": "case when u('digit', id) < 0.4 then 'Có' else 'Không' end",
        "component_reused": "case when u('reuse', id) < 0.15 then 'Có' else 'Không' end",
        "result_link": "case when shown_ended_at is not null and status in (9, 10) and u('result', id) < 0.35 "
        "then 'kq/' || dossier_code || '.pdf' else '' end",
        "vneid_verified": "case when channel = 2 and u('vneid', id) < 0.2 then 'Có' else 'Không' end",
        "satisfaction": "case when status = 10 and u('rated', id) < 0.3 then pick(['RẤT HÀI LÒNG', 'HÀI LÒNG', 'HÀI LÒNG', "
        "'KHÔNG HÀI LÒNG'], u('rating', id)) else '' end",
        "apology_sent": "case when shown_ended_at > shown_due_at and u('sorry', id) < 0.4 then 'Có' else 'Không' end",
        "updated_at": _when("last_change"),
        "note": "case when status = 3 then case when u('reason', id) < 0.8 then 'Không đúng thẩm quyền' else '' end "
        "when u('note', id) < 0.02 then 'Liên hệ 09' || lpad(between_u(0, 99999999, u('phone', id))::varchar, 8, '0') "
        "else '' end",
    }
    select = ", ".join(f'{sql} as "{name}"' for name, sql in texts.items())
    flags = {
        "due_missing": "shown_due_at is null",
        "due_before_received": "shown_due_at < shown_received_at",
        "end_equals_due": "shown_ended_at = shown_due_at",
        "end_missing": "status in (9, 10) and shown_ended_at is null",
        "supplement_repeated": "shown_supplements > 1",
        "refusal_without_reason": "status = 3 and u('reason', id) >= 0.8",
        "code_date_after_received": "date_trunc('day', submitted_at) > shown_received_at",
    }
    return f"""
        with shown as (
            select d.*, a.legacy_code, a.agency_name, p.procedure_code, p.procedure_name, p.sector_code, p.sector_name,
                p.service_level, p.fee_amount, {end} as asof_at,
                case when u('rekeyed', d.id) < 0.001 and not is_scenario then received_at - interval 2 day else received_at end
                    as shown_received_at,
                pick({list(places.FAMILY_NAMES)}, u('af', d.id)) || ' ' || pick({list(places.MIDDLE_NAMES)}, u('am', d.id))
                    || ' ' || pick({list(places.GIVEN_NAMES)}, u('ag', d.id)) as applicant_name,
                case when corrected_at < {end} then due_at else first_due_at end as shown_due_at,
                case when corrected_at < {end} then ended_at when first_ended_at < {end} then first_ended_at end
                    as shown_ended_at,
                case when returned_at < {end} then returned_at end as shown_returned_at,
                case when requested_at < {end} then supplement_count else 0 end as shown_supplements
            from dossier as d join agency as a on a.idx = d.agency_idx join procedure as p on p.idx = d.procedure_idx
            where d.received_at < {end} and (d.received_at >= {start}
                or (d.first_ended_at >= {start} and d.first_ended_at < {end})
                or (d.returned_at >= {start} and d.returned_at < {end})
                or (d.requested_at >= {start} and d.requested_at < {end})
                or (d.supplied_at >= {start} and d.supplied_at < {end})
                or (d.corrected_at >= {start} and d.corrected_at < {end}))
        ),
        judged as (
            select *, case when end_status = 3 then case when refused_at < asof_at then 3 else 2 end
                    when shown_returned_at is not null then 10 when shown_ended_at is not null then end_status
                    when shown_supplements > 0 and (supplied_at is null or supplied_at >= asof_at) then 5
                    when asof_at - received_at < interval 1 day then 2 else 4 end as status,
                greatest(received_at, shown_ended_at, shown_returned_at, case when requested_at < asof_at then requested_at end,
                    case when supplied_at < asof_at then supplied_at end, case when corrected_at < asof_at then corrected_at end)
                    as last_change
            from shown
        )
        select row_number() over (order by received_at, id) as ord, not is_scenario as dirtable, {_flags(flags)} as flags,
            {select} from judged
    """


def _flags(flags: dict[str, str]) -> str:
    tests = ", ".join(f"case when {test} then '{code}' end" for code, test in flags.items())
    return f"list_filter([{tests}], lambda f: f is not null)"


def step_query(start: str, end: str) -> str:
    """Steps begun or finished between two exports; three to five of them cut a dossier's time into pieces."""
    texts = {
        "dossier_code": "dossier_code",
        "step_number": "k::varchar",
        "officer_name": "full_name",
        "officer_title": "position",
        "department": "case when k = 1 then 'Bộ phận Một cửa' else 'Phòng chuyên môn ' || between_u(1, 4, u('room', id)) end",
        "started_at": _when("started_at"),
        "processed_at": _when("shown_processed_at"),
        "due_at": _when("due_at"),
        "content": "case when u('words', id + k) < 0.01 then 'Gọi cho công dân số 09' || "
        "lpad(between_u(0, 99999999, u('phone', id))::varchar, 8, '0') else 'Xử lý hồ sơ' end",
        "status_code": "status::varchar",
    }
    select = ", ".join(f'{sql} as "{name}"' for name, sql in texts.items())
    return f"""
        with alive as (
            select d.*, 3 + cast(floor(u('steps', id) * 3) as integer) as n, coalesce(ended_at, timestamp '2099-01-01') as last,
                cr.working_index as from_index, ce.working_index as to_index
            from dossier as d
            join calendar as cr on cr.d = cast(d.received_at as date)
            left join calendar as ce on ce.d = cast(d.ended_at as date)
            where d.received_at < {end} and coalesce(d.ended_at, timestamp '2099-01-01') >= {start} - interval 1 day
                and end_status <> 3
        ),
        counted as (select *, unnest(range(1, n + 1)) as k from alive),
        cut as (
            select a.*, case when ended_at is null then case when k = 1 then received_at + interval 20 minute end
                when k = n then ended_at
                when hurried then received_at + k * interval 1 minute
                else least(greatest(w.d + interval 7 hour + to_seconds(cast(floor((k + u('moment', id)) / (n + 1) * 34000)
                    as bigint)), received_at + k * interval 5 minute), ended_at - (n - k) * interval 3 minute) end
                as processed_at
            from counted as a
            left join working_day as w
                on w.working_index = from_index + cast(floor((to_index - from_index) * k / n) as integer)
        ),
        begun as (
            select *, coalesce(lag(processed_at) over (partition by id order by k), received_at) as started_at,
                k = 1 or lag(processed_at) over (partition by id order by k) is not null as is_begun
            from cut
        ),
        shown as (
            select b.*, case when processed_at < {end} then processed_at end as shown_processed_at,
                case when k = 1 then 2 when k = n and processed_at < {end} then end_status else 4 end as status,
                s.full_name, s.position
            from begun as b join agency as a on a.idx = b.agency_idx
            join staff as s on s.agency_idx = b.agency_idx
                and s.place_in_agency = 1 + cast(floor(u('officer', b.id + b.k) * a.headcount) as integer)
            where is_begun and started_at < {end} and (started_at >= {start} or (processed_at >= {start} and processed_at < {end}))
        )
        select row_number() over (order by started_at, id, k) as ord, not is_scenario as dirtable,
            {_flags({"step_too_short": "shown_processed_at < started_at + interval 120 second and status in (4, 9)"})} as flags,
            {select} from shown
    """


def contracts() -> tuple[Contract, Contract]:
    """The two streams written here."""
    return contract_for("igate", "dossiers"), contract_for("igate", "steps")
