"""The steps in which dossiers are handled: three to five of them cut a dossier's time into pieces."""

from __future__ import annotations

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.dirt import DATE_TIME, Dirt, Fault, excel_serial
from pipelines.simulate.exports import Stream, bits
from pipelines.simulate.files import file_of_sql, periods
from pipelines.sources.registry import contract_for

_ROWS_PER_MONTH = 140_000  # at scale 1.0: four steps a dossier, half of them shown twice
_NEW_CODE = (
    "split_part(dossier_code, '-', 1) || '-' || split_part(dossier_code, '-', 2) || '-9' || lpad({n}::varchar, 9, '0')"
)
_DIRT = Dirt(
    new_key={"dossier_code": _NEW_CODE},
    faults=(
        Fault("required_missing", {"started_at": "''"}),
        Fault("bad_date", {"started_at": "'30/02/2020 09:00:00'"}),
        Fault("bad_enum", {"status_code": "'77'"}),
        Fault("bad_pattern", {"dossier_code": "'HS-' || {n}"}),
        Fault(
            "step_ended_before_start", {"started_at": "'05/01/2020 08:00:00'", "processed_at": "'04/01/2020 08:00:00'"}
        ),
        Fault("out_of_range", {"step_number": "'0'"}),
        Fault("duplicate_key"),
        Fault("too_few_fields", ragged="cut"),
    ),
    odd={
        "double_space": ("department", "replace(department, ' ', '  ')"),
        "no_break_space": ("department", "replace(department, ' ', chr(160))"),
        "other_date_format": ("started_at", "strftime(strptime(started_at, '%d/%m/%Y %H:%M:%S'), '%Y%m%d%H%M%S')"),
        "excel_serial": excel_serial("started_at", DATE_TIME),
    },
)
_FLAGS = {"step_too_short": "processed_shown < started_at + interval 120 second and status in (4, 9)"}
_TEXTS = {
    "dossier_code": "dossier_code",
    "step_number": "k::varchar",
    "officer_name": "full_name",
    "officer_title": "position",
    "department": "case when k = 1 then 'Bộ phận Một cửa' "
    "else 'Phòng chuyên môn ' || between_u(1, 4, u('room', id)) end",
    "started_at": f"strftime(started_at, '{DATE_TIME}')",
    "processed_at": f"strftime(processed_shown, '{DATE_TIME}')",
    "due_at": f"strftime(due_at, '{DATE_TIME}')",
    "content": "case when u('words', ident) < 0.01 then 'Gọi cho công dân số 09' || "
    "lpad(between_u(0, 99999999, u('phone', person_id))::varchar, 8, '0') else 'Xử lý hồ sơ' end",
    "status_code": "status::varchar",
}


def steps(config: SimulationConfig) -> Stream:
    """The stream ``igate/steps``: what began or ended between two exports."""
    nights = periods(config, nightly=True)

    def query(first: int, last: int) -> str:
        return _shown(
            config,
            f"timestamp '{nights[first].first} 01:00:00'",
            f"timestamp '{nights[last].exported_at}'",
            (first, last),
        )

    return Stream(
        contract=contract_for("igate", "steps"),
        stem="tientrinh",
        periods=nights,
        query=query,
        texts=_TEXTS,
        rows_per_month=_ROWS_PER_MONTH * config.scale,
        dirt=_DIRT,
        joins="left join staff as s on s.agency_idx = shown.agency_idx and s.place_in_agency = shown.officer",
        sheets=lambda number: number % 5 == 3,
        flags=tuple(_FLAGS),
    )


def _processed(k: str, day: str) -> str:
    """When step ``k`` of ``n`` ended; rises with ``k`` and ends with the dossier."""
    return f"""case when ended_at is null then case when {k} = 1 then received_at + interval 20 minute end
        when {k} = n then ended_at
        when hurried then received_at + {k} * interval 1 minute
        else least(greatest({day} + interval 7 hour + to_seconds(cast(floor(({k} + u('moment', id)) / (n + 1) * 34000)
            as bigint)), received_at + {k} * interval 5 minute), ended_at - (n - {k}) * interval 3 minute) end"""


def _shown(config: SimulationConfig, starts: str, ends: str, numbers: tuple[int, int]) -> str:
    begun, done = (file_of_sql(config, c, nightly=True) for c in ("started_at", "processed_at"))
    moments = ", ".join(
        f"({p.number}, timestamp '{p.exported_at}')" for p in periods(config, nightly=True)[numbers[0] : numbers[1] + 1]
    )
    return f"""
        with alive as (
            select d.id, d.person_id, d.agency_idx, d.is_scenario, d.received_at, d.ended_at, d.due_at, d.end_status,
                d.hurried, d.dossier_code, 3 + cast(floor(u('steps', id) * 3) as integer) as n,
                cr.working_index as from_index, ce.working_index as to_index
            from dossier as d
            join calendar as cr on cr.d = cast(d.received_at as date)
            left join calendar as ce on ce.d = cast(d.ended_at as date)
            where d.received_at < {ends} and coalesce(d.ended_at, d.received_at + interval 1 hour) >= {starts}
                and end_status <> 3
        ),
        counted as (select *, unnest(range(1, n + 1))::integer as k from alive),
        cut as (
            select c.*, {_processed("k", "w.d")} as processed_at,
                case when k = 1 then received_at else {_processed("(k - 1)", "b.d")} end as started_at
            from counted as c
            left join working_day as w on w.working_index = from_index + (to_index - from_index) * k // n
            left join working_day as b on b.working_index = from_index + (to_index - from_index) * (k - 1) // n
        ),
        placed as (
            select *, {begun} as begun_in, {done} as done_in from cut
            where started_at is not null and started_at < {ends} and greatest(started_at, processed_at) >= {starts}
        ),
        exported as (
            select *, unnest(case when done_in is null or done_in = begun_in then [begun_in] else [begun_in,
                done_in] end)
                as file from placed
        ),
        shown as (
            select e.*, case when processed_at < ends_at then processed_at end as processed_shown,
                case when k = 1 then 2 when k = n and processed_at < ends_at then end_status else 4 end as status
            from exported as e join (values {moments}) as t(number, ends_at) on t.number = e.file
        )
        select file, started_at as sort_at, id * 8 + k as ident, not is_scenario as dirtable,
            {bits(_FLAGS)} as flags, 0 as signs,
            id, person_id, v.agency_idx, k, started_at, processed_shown, due_at, status, dossier_code,
            1 + cast(floor(u('officer', id + k) * a.headcount) as integer) as officer
        from shown as v join agency as a on a.idx = v.agency_idx
    """
