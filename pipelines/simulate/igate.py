"""iGate's register of dossiers, each as it stood at the export."""

from __future__ import annotations

import duckdb

from pipelines.simulate import igate_steps, places
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.dirt import DATE_TIME, ODD_NAMES, Dirt, Fault, excel_serial
from pipelines.simulate.exports import Stream, bits, export
from pipelines.simulate.files import file_of_sql, periods
from pipelines.simulate.igate_dossiers import build_dossiers
from pipelines.simulate.truth import Truth
from pipelines.sources.registry import contract_for

_ROWS_PER_MONTH = 45_000  # at scale 1.0: most dossiers change in two or three exports
NEW_CODE = (
    "split_part(dossier_code, '-', 1) || '-' || split_part(dossier_code, '-', 2) || '-9' || lpad({n}::varchar, 9, '0')"
)

_DIRT = Dirt(
    new_key={"dossier_code": NEW_CODE},
    faults=(
        Fault("required_missing", {"received_at": "''"}),
        Fault("bad_date", {"due_at": "'31/02/2021 08:00:00'"}),
        Fault("bad_number", {"fee_amount": "'1.887,5.3'"}),
        Fault("bad_pattern", {"agency_code": "'000.00.12.H22'"}),
        Fault("bad_enum", {"status_code": "'99'"}),
        Fault("bad_boolean", {"vneid_verified": "'có lẽ'"}),
        Fault("out_of_range", {"supplement_count": "'-1'"}),
        Fault("ended_before_received", {"received_at": "'05/01/2020 08:00:00'", "ended_at": "'04/01/2020 08:00:00'"}),
        Fault("duplicate_key"),
        Fault("too_few_fields", ragged="cut"),
        Fault("too_many_fields", ragged="added"),
    ),
    odd={
        **ODD_NAMES,
        "no_break_space": ("procedure_name", "replace(procedure_name, ' ', chr(160))"),
        "other_date_format": ("received_at", "strftime(strptime(received_at, '%d/%m/%Y %H:%M:%S'), '%Y%m%d%H%M%S')"),
        "excel_serial": excel_serial("received_at", DATE_TIME),
        "thousands": ("fee_amount", "replace(format('{:,}', try_cast(fee_amount as bigint)), ',', '.')"),
    },
)

# Rules that a life breaks by itself, over the dossier as it is shown.
_FLAGS = {
    "due_missing": "due_shown is null",
    "due_before_received": "due_shown < received_shown",
    "end_equals_due": "ended_shown = due_shown",
    "end_missing": "status in (9, 10) and ended_shown is null",
    "supplement_repeated": "supplements > 1",
    "refusal_without_reason": "status = 3 and u('reason', id) >= 0.8",
    "code_date_after_received": "date_trunc('day', submitted_at) > received_shown",
}
# Traps that only another export, another dossier or another system shows.
_SIGNS = {
    "changed_after_close": "first_ended_at < starts_at and corrected_at >= starts_at and corrected_at < ends_at "
    "and (due_at, ended_at) is distinct from (first_due_at, first_ended_at)",
    "handed_in_twice": "person_id <> id",
    "refused_without_documents": "status = 3 and no_documents",
    "never_on_the_portal": "u('synced', id) < 0.03 and end_status <> 3",
}


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``igate/dossiers`` and ``igate/steps``: monthly files, nightly ones in the last month."""
    build_dossiers(connection, config)
    export(connection, config, truth, _register(config))
    export(connection, config, truth, igate_steps.steps(config))


def _register(config: SimulationConfig) -> Stream:
    nights = periods(config, nightly=True)

    def query(first: int, last: int) -> str:
        starts, ends = (f"timestamp '{p}'" for p in (f"{nights[first].first} 01:00:00", nights[last].exported_at))
        return _shown(config, first, last, starts, ends)

    return Stream(
        contract=contract_for("igate", "dossiers"),
        stem="hoso",
        periods=nights,
        query=query,
        texts=_TEXTS,
        rows_per_month=_ROWS_PER_MONTH * config.scale,
        dirt=_DIRT,
        joins=_JOINS,
        sheets=lambda number: number % 5 == 3,
        quoted=frozenset(("procedure_name", "sector_name", "agency_name", "abstract")),
        flags=tuple(_FLAGS),
        signs=tuple(_SIGNS),
    )


def _shown(config: SimulationConfig, first: int, last: int, starts: str, ends: str) -> str:
    """Dossiers that changed between two exports, as they stood at the later one, for some exports."""
    events = ("received_at", "first_ended_at", "returned_at", "requested_at", "supplied_at", "corrected_at")
    files = ", ".join(file_of_sql(config, e, nightly=True) for e in events)
    moments = ", ".join(
        f"({p.number}, timestamp '{p.first} 01:00:00', timestamp '{p.exported_at}')"
        for p in periods(config, nightly=True)[first : last + 1]
    )
    return f"""
        with changed as (
            select *, unnest(list_distinct([{files}])) as file from dossier
            where received_at < {ends} and greatest({", ".join(events)}) >= {starts}
        ),
        dated as (
            select c.*, starts_at, ends_at,
                case when u('rekeyed', id) < 0.001 and not is_scenario then received_at - interval 2 day
                    else received_at end
                    as received_shown,
                case when corrected_at < ends_at then due_at else first_due_at end as due_shown,
                case when corrected_at < ends_at then ended_at when first_ended_at < ends_at then first_ended_at end
                    as ended_shown,
                case when returned_at < ends_at then returned_at end as returned_shown,
                case when requested_at < ends_at then supplement_count else 0 end as supplements,
                case when requested_at < ends_at then requested_at end as requested_shown,
                case when supplied_at < ends_at then supplied_at end as supplied_shown,
                channel = 2 and end_status = 3 and u('no documents', id) < 0.4 as no_documents
            from changed as c join (values {moments}) as t(number, starts_at, ends_at) on t.number = c.file
        ),
        judged as (
            select *, case when end_status = 3 then case when refused_at < ends_at then 3 else 2 end
                    when returned_shown is not null then 10 when ended_shown is not null then end_status
                    when supplements > 0 and supplied_shown is null then 5
                    when ends_at - received_at < interval 1 day then 2 else 4 end as status,
                greatest(received_at, ended_shown, returned_shown, requested_shown, supplied_shown,
                    case when corrected_at < ends_at then corrected_at end) as last_change
            from dated
        )
        select file, received_at as sort_at, id as ident, not is_scenario as dirtable, {bits(_FLAGS)} as flags,
            {bits(_SIGNS)} as signs, person_id, agency_idx, procedure_idx, channel, submitted_at, received_shown,
                due_shown,
            ended_shown, returned_shown, refused_at, status, supplements, requested_shown, supplied_shown, last_change,
            no_documents, dossier_code
        from judged
    """


def when(column: str) -> str:
    """A moment as iGate writes it; nothing where there is none."""
    return f"strftime({column}, '{DATE_TIME}')"


def phone(ident: str) -> str:
    """A person's mobile number."""
    return f"'09' || lpad(between_u(0, 99999999, u('phone', {ident}))::varchar, 8, '0')"


def full_name(ident: str) -> str:
    """A person's name."""
    return (
        f"pick({list(places.FAMILY_NAMES)}, u('af', {ident})) || ' ' "
        f"|| pick({list(places.MIDDLE_NAMES)}, u('am', {ident})) "
        f"|| ' ' || pick({list(places.GIVEN_NAMES)}, u('ag', {ident}))"
    )


def id_number(ident: str) -> str:
    """A person's number, twelve digits."""
    return f"lpad((10000000000 + cast(floor(u('cccd', {ident}) * 89999999999) as bigint))::varchar, 12, '0')"


_JOINS = "left join agency as a on a.idx = shown.agency_idx left join procedure as p on p.idx = shown.procedure_idx"
_TEXTS = {
    "dossier_code": "dossier_code",
    "procedure_code": "procedure_code",
    "procedure_name": "procedure_name",
    "sector_code": "sector_code",
    "sector_name": "sector_name",
    "service_level": "service_level::varchar",
    "channel": "channel::varchar",
    "applicant_name": full_name("person_id"),
    "applicant_id_number": id_number("person_id"),
    "applicant_type": "case when u('type', person_id) < 0.9 then 'Công dân' else 'Doanh nghiệp' end",
    "applicant_address": f"concat(between_u(1, 999, u('house', person_id)), ' ', pick({list(places.STREETS)}, "
    "u('street', person_id)), ' hẻm ', between_u(1, 99, u('lane', person_id)))",
    "applicant_phone": phone("person_id"),
    "applicant_email": "case when channel = 2 then 'congdan' || between_u(100000, 9999999, u('mail', person_id)) "
    "|| '@gmail.com' else '' end",
    "abstract": f"concat(procedure_name, ' của ', {full_name('person_id')})",
    "submitted_at": when("submitted_at"),
    "received_at": when("received_shown"),
    "due_at": when("due_shown"),
    "ended_at": when("ended_shown"),
    "returned_at": when("returned_shown"),
    "refused_at": when("refused_at"),
    "status_code": "status::varchar",
    "return_method": "case when returned_shown is null then '' when u('post return', ident) < 0.06 then '1' "
    "else '0' end",
    "agency_code": "legacy_code",
    "agency_name": "agency_name",
    "receiving_agency_code": "legacy_code",
    "online_payment": "case when fee_amount > 0 and channel = 2 and u('pay', ident) < 0.3 then '1' else '0' end",
    "fee_amount": "fee_amount::varchar",
    "supplement_count": "supplements::varchar",
    "supplement_requested_at": when("case when supplements > 0 then requested_shown end"),
    "supplement_received_at": when("supplied_shown"),
    "document_count": "case when no_documents then '0' else between_u(1, 6, u('documents', ident))::varchar end",
    "component_digitised": "case when u('digit', ident) < 0.4 then 'Có' else 'Không' end",
    "component_reused": "case when u('reuse', ident) < 0.15 then 'Có' else 'Không' end",
    "result_link": "case when ended_shown is not null and status in (9, 10) and u('result', ident) < 0.35 "
    "then 'kq/' || dossier_code || '.pdf' else '' end",
    "vneid_verified": "case when channel = 2 and u('vneid', ident) < 0.2 then 'Có' else 'Không' end",
    "satisfaction": "case when status = 10 and u('rated', ident) < 0.3 then pick(['RẤT HÀI LÒNG', "
    "'HÀI LÒNG', 'HÀI LÒNG', 'KHÔNG HÀI LÒNG'], u('rating', ident)) else '' end",
    "apology_sent": "case when ended_shown > due_shown and u('sorry', ident) < 0.4 then 'Có' else 'Không' end",
    "updated_at": when("last_change"),
    "note": "case when status = 3 then case when u('reason', ident) < 0.8 then 'Không đúng thẩm quyền' else '' end "
    f"when u('note', ident) < 0.02 then 'Liên hệ ' || {phone('person_id')} else '' end",
}
