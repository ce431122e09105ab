"""``make superset-test``: a real Superset in its own environment, its dashboard in Chromium, its figures against SQL.

Not among the tests of ``make test``: the first time it installs about 1 GB.
"""

from __future__ import annotations

import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import APIResponse, Browser, Page

from deploy.superset.checks.dashboard_page import (
    PASSWORD,
    Running,
    big_number,
    call,
    choose,
    logged_in,
    narrowed_to,
    open_dashboard,
)
from pipelines.storage.engine import quote_text
from pipelines.storage.snapshots import current_name, point_to

pytestmark = pytest.mark.timeout(1500)
_DEFAULT_RULE = "rule_code in (select rule_code from marts.rpt_on_time_rate where is_default)"
_AGENCY = "agency_name || ' (' || agency_code || ')'"
# What each chart without readable text must have been given, asked of the marts another way than the datasets do.
EXPECTED = {
    "Ba cách đo hồ sơ công việc theo tháng": """
        pivot (
            select epoch_ms(period_start::timestamp) as month, name_vi, sum(numerator) / sum(denominator) as share
            from marts.rpt_indicator inner join marts.dim_indicator using (indicator_code)
            where indicator_code in ('WORK_FILE_A', 'WORK_FILE_B', 'WORK_FILE_C') and period_type = 'month'
            group by all
        ) on name_vi using any_value(share) group by month""",
    "Hồ sơ TTHC đã giải quyết theo tháng": f"""
        select epoch_ms(month::timestamp) as month, sum(early_count) as early, sum(on_time_count) as on_time,
            sum(late_count) as late, sum(unexplained_count) as unexplained
        from marts.rpt_dossier_resolution where {_DEFAULT_RULE} group by month""",
    "Giải quyết hồ sơ TTHC của từng cơ quan": f"""
        select {_AGENCY} as agency, sum(resolved_count) as resolved, sum(late_count) as late,
            sum(early_count) / nullif(resolved, 0) as early_share,
            sum(on_time_count) / nullif(resolved, 0) as on_time_share,
            late / nullif(resolved, 0) as late_share,
            sum(unexplained_count) / nullif(resolved, 0) as unexplained_share
        from marts.rpt_dossier_resolution where {_DEFAULT_RULE} group by agency_code, agency_name""",
    "Dấu hiệu cần xem lại": """
        select sentence_vi as signal, sum(affected_count) as affected, affected / sum(base_count) as affected_share
        from marts.rpt_signals group by sentence_vi""",
    "Độ cũ của từng nguồn dữ liệu": """
        select source, stream, epoch_ms(last_exported_at) as last_exported_at, age_days, batch_count, rows_loaded,
            rows_quarantined
        from marts.rpt_source_freshness""",
    "Văn bản đến xử lý trên môi trường mạng: sở, ban, ngành và huyện theo tháng": f"""
        select epoch_ms(period_start::timestamp) as month, {_AGENCY} as agency, numerator / denominator as share
        from marts.rpt_indicator inner join marts.dim_agency using (agency_code)
        where indicator_code = 'WORK_FILE_C' and period_type = 'month' and level in ('province', 'district')
            and denominator > 0""",
}
BIG = {
    "Hồ sơ công việc xử lý trên mạng": "WORK_FILE_A",
    "Văn bản đi điện tử hoàn toàn": "DOC_OUTGOING_ELECTRONIC",
    "Hồ sơ TTHC nộp trực tuyến": "DOSSIER_ONLINE",
    "Hộp thư công vụ có hoạt động": "MAIL_ACTIVE",
}


def _plain(rows: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """Rows in an order of their own, numbers without the noise of their last digits."""
    cells = [
        {k: round(float(v), 9) if isinstance(v, int | float | Decimal) else v for k, v in row.items() if k != "rank"}
        for row in rows  # a heat table's cells have a rank besides, which gives them their colour
    ]
    return sorted((sorted(row.items()) for row in cells), key=str)


def test_every_chart_is_drawn_and_agrees_with_the_marts(page: Page, superset: Running, tmp_path: Path) -> None:
    given = open_dashboard(page, superset)
    picture = Path(os.environ.get("CCHC_SUPERSET_PICTURE", tmp_path / "dashboard.png"))
    page.screenshot(path=picture)
    for name, sql in EXPECTED.items():
        assert _plain(given[name]) == _plain(superset.rows(sql)), name
    for name, code in BIG.items():
        assert big_number(page, name) == pytest.approx(superset.share(code), abs=0.0005001), name
    targets = given["Chỉ tiêu của từng cấp và triển vọng"]
    (count,) = superset.ask("select count(*), sum(value) from marts.rpt_target_progress where agency_code = 'all'")
    assert (len(targets), sum(r["value"] for r in targets)) == (count[0], pytest.approx(count[1]))


def test_the_filter_of_levels_narrows_what_is_shown(page: Page, superset: Running) -> None:
    open_dashboard(page, superset)
    choose(page, "level", "Sở, ban, ngành")
    for name, code in BIG.items():
        assert big_number(page, name) == pytest.approx(superset.share(code, ("province",)), abs=0.0005001), name


def test_the_filters_of_agency_and_period_narrow_it_too(page: Page, superset: Running) -> None:
    ((agency,),) = superset.ask(
        f"select {_AGENCY} from marts.rpt_dossier_resolution"
        f" where {_DEFAULT_RULE} and month = '2021-02-01' order by resolved_count desc, agency_code limit 1"
    )
    given = open_dashboard(page, superset, narrowed_to(agency, "2021-02-01 : 2021-03-01"))
    wanted = superset.rows(
        "select epoch_ms(month::timestamp) as month, early_count as early, on_time_count as on_time,"
        " late_count as late, unexplained_count as unexplained from marts.rpt_dossier_resolution"
        f" where {_DEFAULT_RULE} and {_AGENCY} = {quote_text(agency)} and month = '2021-02-01'"
    )
    assert len(wanted) == 1
    assert _plain(given["Hồ sơ TTHC đã giải quyết theo tháng"]) == _plain(wanted)
    assert [row["agency"] for row in given["Giải quyết hồ sơ TTHC của từng cơ quan"]] == [agency]


def test_a_new_publication_is_shown_at_once(page: Page, superset: Running) -> None:
    open_dashboard(page, superset)
    before, former = big_number(page, "Hồ sơ công việc xử lý trên mạng"), current_name(superset.home)
    assert former is not None
    newer = f"{former}_newer"
    for ending in (".duckdb", ".json"):
        shutil.copy(superset.home.published / f"{former}{ending}", superset.home.published / f"{newer}{ending}")
    (superset.home.published / f"{newer}.duckdb").chmod(0o644)
    with duckdb.connect(str(superset.home.published / f"{newer}.duckdb")) as changed:
        changed.execute("update marts.rpt_indicator set numerator = 0 where indicator_code = 'WORK_FILE_A'")
    point_to(superset.home, newer)
    open_dashboard(page, superset)
    assert big_number(page, "Hồ sơ công việc xử lý trên mạng") == 0 != before
    point_to(superset.home, former)
    open_dashboard(page, superset)
    assert big_number(page, "Hồ sơ công việc xử lý trên mạng") == before


def test_a_reader_sees_the_dashboard_and_may_not_change_it(page: Page, browser: Browser, superset: Running) -> None:
    roles = page.request.get(f"{superset.address}/api/v1/security/roles/?q=(page_size:50)").json()["result"]
    (gamma,) = [role["id"] for role in roles if role["name"] == "Gamma"]
    named = {"first_name": "Ban", "last_name": "Đọc", "username": "reader", "email": "reader@localhost"}
    person = {**named, "password": PASSWORD, "active": True, "roles": [gamma]}
    assert call(page, superset, "security/users/", person).ok
    reader = logged_in(browser, superset, "reader")
    open_dashboard(reader, superset)
    assert big_number(reader, "Hộp thư công vụ có hoạt động") == pytest.approx(
        superset.share("MAIL_ACTIVE"), abs=0.0005001
    )
    assert reader.get_by_text("Edit dashboard").count() == 0
    assert not call(reader, superset, "database/", {"database_name": "x", "sqlalchemy_uri": "sqlite://"}).ok
    reader.context.close()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("create table marts.mine as select 1", "does not allow"),
        ("delete from marts.rpt_indicator", "does not allow"),
        ("select * from read_text('/etc/hostname')", "disabled by configuration"),
        ("attach '/tmp/other.duckdb'", "disabled by configuration"),
        ("copy (select 1) to '/tmp/out.csv'", "disabled by configuration"),
    ],
)
def test_nothing_can_be_written_and_no_other_file_read(page: Page, superset: Running, sql: str, told: str) -> None:
    def execute(statement: str) -> APIResponse:
        question = {"database_id": 1, "sql": statement, "runAsync": False, "schema": "marts"}
        return call(page, superset, "sqllab/execute/", question)

    assert execute("select 41 + 1 as n").json()["data"] == [{"n": 42}]
    refused = execute(sql)
    assert not refused.ok
    assert told in refused.text()
