"""The inspection and the headline, from marts small enough to count by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.domain.errors import WrongUse
from pipelines.flows.headline import headline
from pipelines.flows.inspection import Inspection, inspect_marts
from pipelines.flows.render import render

MARTS = """
create schema marts;
create table marts.dim_agency as select * from (values
    ('H15.07', '000.00.07.H15', 'Sở Giáo dục và Đào tạo', 'province'),
    ('H15.31', '000.00.31.H15', 'UBND huyện <Lắk> & Co', 'district'))
    as t(agency_code, legacy_code, agency_name, level);
create table marts.dim_indicator as select * from (values
    ('DOSSIER_ONLINE', 'igate', 'Hồ sơ trực tuyến', 'Dossiers on line', 'share', 'sum'),
    ('DOSSIER_EARLY', 'igate', 'Trước hạn', 'Early', 'share', 'sum'),
    ('DOSSIER_OPEN_LATE', 'igate', 'Đang quá hạn', 'Open and late', 'share', 'last'),
    ('MAIL_ACTIVE', 'mail', 'Hộp thư có dùng', 'Active mailboxes', 'share', 'sum'))
    as t(indicator_code, system, name_vi, name_en, unit, over_time);
create table marts.rpt_dossier_resolution as select *, 0 as unexplained_no_limit_count,
    0 as unexplained_no_calendar_count, timestamp '2021-05-01 01:00:00' as as_of from (values
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2020-01-01', 'R_PLAIN', 1000, 900, 600, 297, 2, 1, 1, 0, 0, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2021-04-01', 'R_PLAIN', 999, 987, 543, 441, 1, 2, 0, 1, 1, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2021-05-01', 'R_PLAIN', 9, 9, 9, 0, 0, 0, 0, 0, 0, 0),
    ('H15.07', 'Sở Giáo dục và Đào tạo', date '2020-01-01', 'R_DATE', 1000, 900, 600, 298, 2, 0, 0, 0, 0, 0),
    ('H15.31', 'UBND huyện <Lắk> & Co', date '2020-01-01', 'R_PLAIN', 5, 4, 1, 1, 1, 1, 0, 0, 0, 1))
    as t(agency_code, agency_name, month, rule_code, received_count, resolved_count, early_count, on_time_count,
         late_count, unexplained_count, unexplained_no_due_date_count, unexplained_withdrawn_count,
         unexplained_stopped_count, unexplained_not_returned_count);
create table marts.rpt_indicator as select * from (values
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2020-01-01', 10, 1000, 0.01, 0.5, null),
    ('DOSSIER_ONLINE', 'H15.07', 'month', date '2021-04-01', 30, 999, 0.03, 0.5, null),
    ('DOSSIER_ONLINE', 'H15.07', 'year', date '2020-01-01', 10, 1000, 0.01, 0.5, null),
    ('DOSSIER_OPEN_LATE', 'H15.07', 'month', date '2020-01-01', 1, 50, 0.02, null, null),
    ('MAIL_ACTIVE', 'H15.07', 'month', date '2020-01-01', null, null, null, null, 'small_group'))
    as t(indicator_code, agency_code, period_type, period_start, numerator, denominator, value, target, na_reason);
create table marts.rpt_source_freshness as
    select 'igate' as source, 'dossiers' as stream, timestamp '2021-05-01 01:00:00' as last_exported_at, 0 as age_days;
"""


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


def _education(marts: duckdb.DuckDBPyConnection, agency: str = "H15.07") -> Inspection:
    return inspect_marts(marts, agency, (date(2020, 1, 1), date(2021, 4, 1)), "R_PLAIN")


def test_the_split_and_its_remainder_add_up(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts)
    assert (found.resolved, found.early, found.on_time, found.late, found.unexplained) == (1887, 1143, 738, 3, 3)
    assert found.resolved == found.early + found.on_time + found.late + found.unexplained
    assert {c.code: c.count for c in found.causes} == {"no_due_date": 1, "withdrawn": 1, "stopped": 1}


def test_both_generations_of_codes_are_known(marts: duckdb.DuckDBPyConnection) -> None:
    assert _education(marts, "000.00.07.H15") == _education(marts)


def test_an_unknown_agency_is_wrong_use(marts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(WrongUse, match=r"H15\.99"):
        _education(marts, "H15.99")


def test_shares_are_of_the_sums_and_absent_ones_say_why(marts: duckdb.DuckDBPyConnection) -> None:
    online, mail = _education(marts).figures
    assert (online.numerator, online.denominator) == (40, 1999)
    assert online.value == pytest.approx(40 / 1999)
    assert (mail.value, mail.na_reason) == (None, "small_group")


def test_a_reader_sees_vietnamese_numbers(marts: duckdb.DuckDBPyConnection) -> None:
    for form in ("md", "html"):
        text = render(_education(marts), form)
        for figure in ("1.887", "1.143", "738", "công dân rút hồ sơ", "01/2020", "04/2021"):
            assert figure in text, (form, figure)


def test_names_are_escaped_in_pages(marts: duckdb.DuckDBPyConnection) -> None:
    page = render(_education(marts, "H15.31"), "html")
    assert "<Lắk>" not in page
    assert "&lt;Lắk&gt; &amp; Co" in page


def test_programs_read_the_same_figures(marts: duckdb.DuckDBPyConnection) -> None:
    told = json.loads(render(_education(marts), "json"))
    assert (told["resolved"], told["unexplained"]) == (1887, 3)
    rows = {r["code"]: r for r in csv.DictReader(io.StringIO(render(_education(marts), "csv")))}
    assert rows["late"]["numerator"] == "3"
    assert rows["unexplained_stopped"]["numerator"] == "1"


def test_an_unknown_format_is_wrong_use(marts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(WrongUse, match="pdf"):
        render(_education(marts), "pdf")


def test_the_headline_sums_months_not_years(marts: duckdb.DuckDBPyConnection) -> None:
    found = headline(marts, rule="R_PLAIN")
    assert found is not None
    online = next(line for line in found.lines if line.code == "DOSSIER_ONLINE")
    assert (online.numerator, online.denominator) == (40, 1999)
    assert [a.resolved for a in found.agencies] == [1896, 4]
    assert (found.first_month, found.last_month) == (date(2020, 1, 1), date(2021, 5, 1))


def test_no_resolved_dossier_no_headline(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute("delete from marts.rpt_dossier_resolution")
    assert headline(marts, rule="R_PLAIN") is None
