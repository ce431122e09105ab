"""``make superset-test``: a real Superset in its own environment, its dashboard in Chromium, its figures against SQL.

Not among the tests of ``make test``: the first time it installs about 1 GB.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Page, Response

from deploy.browser import chromium
from deploy.superset import start
from deploy.superset.start import SupersetSettings
from pipelines.flows.run import run
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_name, open_current, point_to

pytestmark = pytest.mark.timeout(1500)
PASSWORD = "long enough for tests"
CHARTS = 11
_DEFAULT_RULE = "rule_code in (select rule_code from marts.rpt_on_time_rate where is_default)"
_LEVEL = "case level when 'province' then 'Cấp tỉnh' when 'district' then 'Cấp huyện' else 'Cấp xã' end"
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
            sum(early_count) / resolved as early_share, sum(on_time_count) / resolved as on_time_share,
            late / resolved as late_share, sum(unexplained_count) / resolved as unexplained_share
        from marts.rpt_dossier_resolution where {_DEFAULT_RULE} group by agency_code, agency_name""",
    "Dấu hiệu cần xem lại": """
        select sentence_vi as signal, sum(affected_count) as affected, affected / sum(base_count) as affected_share
        from marts.rpt_signals group by sentence_vi""",
    "Độ cũ của từng nguồn dữ liệu": """
        select source, stream, epoch_ms(last_exported_at) as last_exported_at, age_days, batch_count, rows_loaded,
            rows_quarantined
        from marts.rpt_source_freshness""",
    "Văn bản đến xử lý trên môi trường mạng: cơ quan cấp tỉnh, huyện theo tháng": f"""
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


@dataclass(frozen=True)
class Running:
    """A Superset that answers, and the home whose snapshot it shows."""

    home: Home
    address: str

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with open_current(self.home) as marts:
            return marts.execute(sql, list(values)).fetchall()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with open_current(self.home) as marts:
            return marts.execute(sql).to_arrow_table().to_pylist()

    def share(self, code: str, levels: tuple[str, ...] = ("province", "district", "commune")) -> float:
        """What the big number shows: the newest month that has any."""
        (row,) = self.ask(
            "select sum(numerator) / sum(denominator) as share from marts.rpt_indicator"
            " inner join marts.dim_agency using (agency_code) where indicator_code = ? and period_type = 'month'"
            " and denominator is not null and list_contains(?, level) group by period_start"
            " order by period_start desc limit 1",
            code,
            list(levels),
        )
        return float(row[0])


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small province, published."""
    folder = tmp_path_factory.mktemp("superset")
    exports = folder / "exports"
    simulate(SimulationConfig(directory=exports, start=date(2021, 1, 1), months=3, scale=0.03, seed=3, dirt=0.02))
    settings = Settings(home=folder / "home", pseudonym_key="a key for tests only, long enough", settle_seconds=0)
    run(settings, inbox=str(exports))
    return Home(settings.home)


@pytest.fixture(scope="session")
def superset(home: Home) -> Iterator[Running]:
    """Installed, made ready and served as ``make superset`` does it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = SupersetSettings(port=port, password=PASSWORD)  # type: ignore[arg-type]
    values = start.variables(Settings(home=home.root), settings)
    start.install(settings.environment)
    start.prepare(values, settings)
    start.prepare(values, settings)  # a second time: what is there is brought up to date
    with start.running(values, settings):
        yield Running(home, f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def page(browser: Browser, superset: Running) -> Iterator[Page]:
    """Somebody who has logged in; nothing but Superset is asked for anything."""
    context = browser.new_context(viewport={"width": 1440, "height": 3900}, locale="vi-VN")
    left: list[str] = []
    context.on("requestfinished", lambda r: left.append(r.url) if "//127.0.0.1" not in r.url[:20] else None)
    opened = context.new_page()
    opened.goto(f"{superset.address}/login/")
    opened.fill("#username", "admin")
    opened.fill("#password", PASSWORD)
    opened.click("button[type=submit], input[type=submit]")
    opened.wait_for_url("**/superset/welcome/")
    yield opened
    context.close()
    assert [url for url in left if url.startswith("http")] == []


def _wait_until_drawn(page: Page) -> None:
    page.wait_for_function(
        """count => {
            const charts = [...document.querySelectorAll('[data-test-chart-name]')];
            const busy = document.querySelector('[data-test-chart-name] [data-test=loading-indicator], .loading');
            return charts.length === count && !busy && charts.every(c =>
                !c.innerText.includes('Waiting on') && c.querySelector('canvas, table, .header-line'));
        }""",
        arg=CHARTS,
        timeout=90_000,
    )


@contextmanager
def _answers(page: Page) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The rows that each chart is given within the block, by its name."""
    seen: list[Response] = []
    hear = lambda answer: seen.append(answer) if "/chart/data" in answer.url else None  # noqa: E731
    page.on("response", hear)
    given: dict[str, list[dict[str, Any]]] = {}
    yield given
    page.remove_listener("response", hear)
    names = {
        c.get_attribute("data-test-chart-id"): c.get_attribute("data-test-chart-name")
        for c in page.locator("[data-test-chart-name]").all()
    }
    for answer in seen:
        number = str((answer.request.post_data_json or {})["form_data"].get("slice_id"))
        assert answer.ok, answer.text()
        if name := names.get(number):
            given[name] = answer.json()["result"][0]["data"]


def _open(page: Page, superset: Running) -> dict[str, list[dict[str, Any]]]:
    with _answers(page) as given:
        page.goto(f"{superset.address}{start.DASHBOARD}")
        _wait_until_drawn(page)
    return given


def _big(page: Page, name: str) -> float:
    """The number as it stands on the page: 66,7%."""
    text = page.locator(f'[data-test-chart-name="{name}"] .header-line').inner_text()
    assert text.endswith("%")
    return float(text[:-1].replace(".", "").replace(",", ".")) / 100


def _plain(rows: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """Rows in an order of their own, numbers without the noise of their last digits."""
    cells = [{k: round(float(v), 9) if isinstance(v, int | float) else v for k, v in row.items()} for row in rows]
    return sorted((sorted(row.items()) for row in cells), key=str)


def test_every_chart_is_drawn_and_agrees_with_the_marts(page: Page, superset: Running, tmp_path: Path) -> None:
    given = _open(page, superset)
    picture = Path(os.environ.get("CCHC_SUPERSET_PICTURE", tmp_path / "dashboard.png"))  # noqa: TID251
    page.screenshot(path=picture)
    for name, sql in EXPECTED.items():
        assert _plain(given[name]) == _plain(superset.rows(sql)), name
    for name, code in BIG.items():
        assert _big(page, name) == pytest.approx(superset.share(code), abs=0.0005001), name
    targets = given["Chỉ tiêu của từng cấp và triển vọng"]
    (count,) = superset.ask("select count(*), sum(value) from marts.rpt_target_progress where agency_code = 'all'")
    assert (len(targets), sum(r["value"] for r in targets)) == (count[0], pytest.approx(count[1]))


def _choose(page: Page, name: str, value: str) -> Mapping[str, list[dict[str, Any]]]:
    box = page.locator(f'input[aria-label="NATIVE_FILTER-{name}"]')
    box.click()
    box.fill(value)
    page.locator(f'.ant-select-item-option[title="{value}"]').click()
    page.keyboard.press("Escape")
    with _answers(page) as given, page.expect_response("**/chart/data*"):
        page.locator("[data-test=filter-bar__apply-button]").click()
    _wait_until_drawn(page)
    return given


def test_the_filter_of_levels_narrows_what_is_shown(page: Page, superset: Running) -> None:
    _open(page, superset)
    _choose(page, "level", "Cấp tỉnh")
    for name, code in BIG.items():
        assert _big(page, name) == pytest.approx(superset.share(code, ("province",)), abs=0.0005001), name


def test_a_new_publication_is_shown_at_once(page: Page, superset: Running) -> None:
    _open(page, superset)
    before, former = _big(page, "Hồ sơ công việc xử lý trên mạng"), current_name(superset.home)
    assert former is not None
    newer = f"{former}_newer"
    for ending in (".duckdb", ".json"):
        shutil.copy(superset.home.published / f"{former}{ending}", superset.home.published / f"{newer}{ending}")
    (superset.home.published / f"{newer}.duckdb").chmod(0o644)
    with duckdb.connect(str(superset.home.published / f"{newer}.duckdb")) as changed:
        changed.execute("update marts.rpt_indicator set numerator = 0 where indicator_code = 'WORK_FILE_A'")
    point_to(superset.home, newer)
    _open(page, superset)
    assert _big(page, "Hồ sơ công việc xử lý trên mạng") == 0 != before
    point_to(superset.home, former)
    _open(page, superset)
    assert _big(page, "Hồ sơ công việc xử lý trên mạng") == before


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
    def execute(statement: str) -> Any:
        token = page.request.get(f"{superset.address}/api/v1/security/csrf_token/").json()["result"]
        return page.request.post(
            f"{superset.address}/api/v1/sqllab/execute/",
            headers={"X-CSRFToken": token, "Referer": superset.address},
            data={"database_id": 1, "sql": statement, "runAsync": False, "schema": "marts"},
        )

    assert execute("select 41 + 1 as n").json()["data"] == [{"n": 42}]
    refused = execute(sql)
    assert not refused.ok
    assert told in refused.text()
