"""Indicators, survey, rank, posts and signals of one agency over some months, read generically from the marts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from pipelines.flows.inspection_parts import Definition, Figure, Ranking, SignalSum, Survey

Months = tuple[date, date]
# These stand in the split, with the remainder beside them.
CLASSES = ("DOSSIER_EARLY", "DOSSIER_ON_TIME", "DOSSIER_LATE", "DOSSIER_UNEXPLAINED")


def figures(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> tuple[Figure, ...]:
    """Every indicator of the catalogue that the agency has in the period, as ``dim_indicator.over_time`` says.

    What happens (``sum``) is added up over the months; a stock (``last``) stands as in the newest month; what is
    counted once in a period (``own``) stands, over several months, with the newest year that had ended by then.
    """
    rows = connection.execute(
        """
        with told as (
            select r.*, i.over_time,
                row_number() over (partition by r.indicator_code, r.period_type order by r.period_start desc) as place
            from marts.rpt_indicator as r inner join marts.dim_indicator as i on i.indicator_code = r.indicator_code
            where r.agency_code = $1 and ((r.period_type = 'month' and r.period_start between $2 and $3)
                or (r.period_type = 'year' and year(r.period_start) < year($3::date + interval 1 month)))
        ),
        -- What no stream feeds is told by the year, and so are figures that come once a year.
        kinds as (
            select indicator_code,
                case when any_value(over_time) = 'own' and $2 < $3 and bool_or(period_type = 'year') then 'year'
                    when bool_or(period_type = 'month') then 'month' else 'year' end as wanted
            from told group by indicator_code
        ),
        chosen as (select t.*, k.wanted from told as t inner join kinds as k on k.indicator_code = t.indicator_code),
        added as (
            select indicator_code, any_value(over_time) as over_time,
                sum(numerator) filter (where over_time = 'sum' or place = 1) as numerator,
                sum(denominator) filter (where over_time = 'sum' or place = 1) as denominator,
                max(value) filter (where place = 1) as newest_value, max(target) filter (where place = 1) as target,
                max(na_reason) as na_reason, max(na_reason) filter (where place = 1) as newest_reason
            from chosen where period_type = wanted group by indicator_code
        ),
        valued as (
            select *, case when over_time <> 'sum' then newest_value when denominator > 0 then numerator / denominator
                when denominator is null then numerator end as value from added
        )
        select i.indicator_code, i.system, i.name_vi, i.name_en, v.numerator::bigint, v.denominator::bigint,
            v.value::double, v.target::double,
            case when v.value is null
                then coalesce(case when v.over_time = 'sum' then v.na_reason else v.newest_reason end, 'no_denominator')
            end, i.unit
        from marts.dim_indicator as i
        inner join valued as v on v.indicator_code = i.indicator_code
        where not list_contains($4::varchar[], i.indicator_code)
        order by case i.system when 'igate' then 1 when 'idesk' then 2 when 'mail' then 3 else 4 end, i.indicator_code
        """,
        [code, *months, list(CLASSES)],
    ).fetchall()
    return tuple(Figure(*row) for row in rows)


def definitions(connection: duckdb.DuckDBPyConnection, shown: Sequence[Figure]) -> tuple[Definition, ...]:
    """What the figures that are shown mean, the classes of the split among them."""
    rows = connection.execute(
        """
        select indicator_code, name_vi, name_en, coalesce(formula_vi, ''), coalesce(formula_en, ''),
            coalesce(legal_basis, ''), coalesce(certainty, '')
        from marts.dim_indicator where list_contains($1::varchar[], indicator_code) order by indicator_code
        """,
        [[*CLASSES, *(f.code for f in shown)]],
    ).fetchall()
    return tuple(Definition(*row) for row in rows)


_ENDED = "agency_code = $1 and year < year($2::date + interval 1 month) order by year desc limit 1"


def survey(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> Survey | None:
    """The newest survey of a year that had ended when the period ended; None if there is none."""
    row = connection.execute(
        "select year, satisfaction::double, threshold::double, respondent_count, na_reason, source_file, row_number "
        f"from marts.rpt_survey where {_ENDED}",
        [code, months[1]],
    ).fetchone()
    return None if row is None else Survey(*row)


def ranking(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> Ranking | None:
    """Index and rank of the newest year that had ended when the period ended; None if nothing is told of it."""
    row = connection.execute(
        "select year, score::double, rank, ranked_count, previous_year, previous_rank, change_since_previous, "
        "first_year, first_rank, change_since_first, na_reason, source_file, row_number "
        f"from marts.rpt_par_index where {_ENDED}",
        [code, months[1]],
    ).fetchone()
    return None if row is None else Ranking(*row)


def website_posts(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> tuple[int | None, str | None]:
    """Posts in the period, or why their number is not known."""
    return _counted(connection, "sum(post_count)::bigint", "rpt_website_posts", code, months)


def initiatives(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> tuple[int | None, str | None]:
    """Initiatives (sáng kiến CCHC) recognised in the period, or why their number is not known."""
    return _counted(connection, "nullif(count(*), 0)", "rpt_initiative", code, months)


def _counted(
    connection: duckdb.DuckDBPyConnection, number: str, mart: str, code: str, months: Months
) -> tuple[int | None, str | None]:
    """An agency that no list names has no figure, not 0."""
    row = connection.execute(
        f"select {number} from marts.{mart} where agency_code = $1 and month between $2 and $3", [code, *months]
    ).fetchone()
    return (row[0], None) if row and row[0] is not None else (None, "not_fed")


def signals(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> tuple[SignalSum, ...]:
    """Fingerprints over the period; the province's share is weighted by the agency's months."""
    rows = connection.execute(
        """
        select signal_code, sum(affected_count)::bigint, sum(base_count)::bigint,
            sum(affected_count) / sum(base_count), sum(province_share * base_count) / sum(base_count),
            any_value(sentence_vi), any_value(sentence_en)
        from marts.rpt_signals where agency_code = $1 and month between $2 and $3
        group by signal_code order by signal_code
        """,
        [code, *months],
    ).fetchall()
    return tuple(SignalSum(*row) for row in rows)
