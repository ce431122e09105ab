"""The reference streams: lists that the systems do not export but the figures need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import duckdb

from pipelines.simulate import places
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import Stream, export
from pipelines.simulate.files import Period, export_moment
from pipelines.simulate.truth import Truth
from pipelines.sources.registry import contract_for

_EDUCATION = f"000.00.{places.EDUCATION:02}.H15"

# indicator, level, date, per cent, source, certainty (domain.md §1.3; an operator changes or adds any)
_TARGETS = (
    *(
        (f"WORK_FILE_{variant}", level, f"31/12/{year}", percent, source, "K" if "749" in source else "S0")
        for variant in "ABC"
        for level, year, percent, source in (
            ("province", 2022, 100, "Đoàn kiểm tra 2038 (09/11/2021)"),
            ("province", 2025, 90, "QĐ 749/QĐ-TTg"),
            ("district", 2025, 80, "QĐ 749/QĐ-TTg"),
            ("commune", 2025, 60, "QĐ 749/QĐ-TTg"),
            ("province", 2030, 100, "QĐ 749/QĐ-TTg"),
            ("district", 2030, 90, "QĐ 749/QĐ-TTg"),
            ("commune", 2030, 70, "QĐ 749/QĐ-TTg"),
        )
    ),
    ("DOSSIER_ONLINE", "all", "31/12/2020", 20, "NQ 17/NQ-CP", "K"),
    ("DOSSIER_ONLINE", "all", "31/12/2022", 50, "QĐ 766/QĐ-TTg 3.3", "P"),
)
# year, score, rank, ranked (domain.md §4 row 2; scores are made up, ranks are the article's)
_EDUCATION_RANKS = ((2016, 71.2, 7, 18), (2019, 74.6, 15, 18), (2020, 70.1, 18, 18))


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write every reference stream, exported once when the months are over."""
    moment = export_moment(config.end)
    queries = {
        "agencies": _agencies(),
        "procedures": _procedures(),
        "staff": _staff(),
        "survey": _survey(config),
        "par_index": _par_index(),
        "website_posts": _website_posts(config),
        "initiatives": _initiatives(config),
        "targets": _targets(),
        "national_portal": _national_portal(moment),
    }
    once = (Period(0, "all", config.start, config.end),)
    for name, query in queries.items():
        contract = contract_for("reference", name)
        export(
            connection,
            config,
            truth,
            Stream(
                contract=contract,
                stem=name,
                periods=once,
                query=_asked(query, "late" if name == "national_portal" else "0"),
                texts={c.name: f'"{c.name}"' for c in contract.columns},
                quoted=frozenset(c.name for c in contract.columns),
                signs=("on_the_portal_late",),
            ),
        )


def _asked(query: str, signs: str) -> Callable[[int, int], str]:
    columns = f"0 as file, timestamp '2020-01-01' as sort_at, ord as ident, 0 as flags, {signs} as signs"
    return lambda *_: f"select {columns}, * exclude (ord) from ({query})"


def _agencies() -> str:
    return """
        select idx as ord, agency_code, legacy_code, agency_name, agency_name_en, level, parent_code, mail_domain,
            case when is_ranked then 'Có' else 'Không' end as is_ranked, '01/01/2016' as valid_from, '' as valid_to
        from agency
    """


def _procedures() -> str:
    return """
        select idx as ord, procedure_code, procedure_name, sector_code, sector_name, agency_level,
            service_level::varchar as service_level, fee_amount::varchar as fee_amount,
            statutory_days::varchar as statutory_days, day_unit, case when needs_result then 'Có' else 'Không' end
            as needs_result
        from procedure
    """


def _staff() -> str:
    return """
        select staff_id as ord, staff_code, legacy_code as agency_code, full_name, position, mail_address,
            strftime(on_post_from, '%d/%m/%Y') as on_post_from,
            coalesce(strftime(on_post_to, '%d/%m/%Y'), '') as on_post_to
        from staff
    """


def _survey(config: SimulationConfig) -> str:
    years = list(range(config.start.year, config.end.year + (config.end.month > 1)))
    return f"""
        select idx * 10000 + year as ord, legacy_code as agency_code, year::varchar as year,
            between_u(80, 400, u('asked', idx + year))::varchar as respondent_count,
            case when legacy_code = '{_EDUCATION}' and year = 2020 then '82,81'
                else replace(format('{{:.2f}}', 80 + 19 * u('pleased', idx + year)), '.',
                    ',') end as satisfaction_percent
        from agency, unnest({years}) as t(year) where level <> 'commune'
    """


def _par_index() -> str:
    given = " union all ".join(
        f"select {y} as year, {s} as score, {r} as rank, {n} as ranked" for y, s, r, n in _EDUCATION_RANKS
    )
    return f"""
        with others as (
            select idx, legacy_code, year, 72 + 20 * u('par', idx * 10000 + year) as score, row_number() over (
                partition by year order by u('par', idx * 10000 + year) desc, idx) as place
            from agency, unnest([2019, 2020]) as t(year) where is_ranked and not is_education
        ),
        ranked as (
            select idx, legacy_code, year, score, 18 as ranked, case when year = 2019 and place >= 15 then place + 1
                else place end as rank from others
            union all
            select a.idx, a.legacy_code, g.year, g.score, g.ranked, g.rank from ({given}) as g, agency as a
            where a.is_education
        )
        select idx * 10000 + year as ord, legacy_code as agency_code, year::varchar as year,
            replace(format('{{:.2f}}', score), '.', ',') as score, rank::varchar as rank,
                ranked::varchar as ranked_count,
            '' as not_published_reason
        from ranked
    """


def _website_posts(config: SimulationConfig) -> str:
    return f"""
        select idx * 1000 + n as ord, legacy_code as agency_code,
            strftime(date '{config.start}' + to_months(n::integer), '%m/%Y') as month,
            between_u(0, 40, u('posts', idx * 1000 + n))::varchar as post_count
        from agency, unnest(range({config.months})) as t(n) where level <> 'commune'
    """


def _initiatives(config: SimulationConfig) -> str:
    """About three a year for each department and district, each by the first of its staff."""
    return f"""
        with author as (select legacy_code, arg_min(full_name, staff_id) as full_name from staff group by legacy_code),
        recognised as (
            select *, (date '{config.start}' + to_months(n::integer)
                + to_days(between_u(0, 27, u('initiative day', idx * 1000 + n))::integer))::date as day
            from agency, unnest(range({config.months})) as t(n)
            where level <> 'commune' and u('initiative', idx * 1000 + n) < 0.25
        )
        select idx * 1000 + n as ord, format('SK-{{}}-{{:03d}}-{{:02d}}', year(day), idx, n) as initiative_code,
            r.legacy_code as agency_code, format('Sáng kiến {{}} về cải cách hành chính', n + 1) as initiative_name,
            coalesce(full_name, '') as author_name, strftime(day, '%d/%m/%Y') as recognised_on,
            format('{{}}/QĐ-UBND', 100 + n) as decision_number
        from recognised as r left join author as a on a.legacy_code = r.legacy_code
    """


def _targets() -> str:
    rows = ", ".join(
        f"({n}, '{code}', '{level}', '{on}', '{percent}', '{source}', '{certainty}')"
        for n, (code, level, on, percent, source, certainty) in enumerate(_TARGETS)
    )
    return (
        f"select * from (values {rows}) as t(ord, indicator_code, level, target_on, target_percent, source, certainty)"
    )


def _national_portal(moment: datetime) -> str:
    """The portal's list: three in a hundred never arrive, one in ten up to twelve days late."""
    return f"""
        select row_number() over (order by received_at, id) as ord, dossier_code, legacy_code as agency_code,
            strftime(received_at, '%d/%m/%Y %H:%M:%S') as received_at,
            strftime(received_at + to_seconds(lag), '%d/%m/%Y %H:%M:%S') as synced_at,
            case when ended_at is null then '4' else '10' end as status_code, (lag > 86400)::integer as late
        from (
            select *, cast(floor(case when u('tardy', id) < 0.1 then 86400 * 12 else 7200 end * u('lag',
                id)) as bigint) as lag
            from dossier where u('synced', id) >= 0.03 and end_status <> 3 and received_at < timestamp '{moment}'
        ) as d
        join agency as a on a.idx = d.agency_idx
    """
