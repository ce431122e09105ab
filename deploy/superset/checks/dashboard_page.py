"""The dashboard as somebody has it who has logged in: what it shows, and what its charts were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.sync_api import APIResponse, Browser, Page, Response

from deploy.superset import start
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current

PASSWORD = "long enough for tests"
CHARTS = 11


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


def logged_in(browser: Browser, superset: Running, user: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 3900}, locale="vi-VN")
    opened = context.new_page()
    opened.goto(f"{superset.address}/login/")
    opened.fill("#username", user)
    opened.fill("#password", PASSWORD)
    opened.click("button[type=submit], input[type=submit]")
    opened.wait_for_url("**/superset/welcome/")
    return opened


def wait_until_drawn(page: Page) -> None:
    page.wait_for_function(
        """count => {
            const charts = [...document.querySelectorAll('[data-test-chart-name]')];
            const busy = document.querySelector('[data-test-chart-name] [data-test=loading-indicator], .loading');
            return charts.length === count && !busy && charts.every(c =>
                !c.innerText.includes('Waiting on')
                && (c.querySelector('canvas, table, .header-line') || c.innerText.includes('No results')));
        }""",
        arg=CHARTS,
        timeout=90_000,
    )


@contextmanager
def answers(page: Page) -> Iterator[dict[str, list[dict[str, Any]]]]:
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


def open_dashboard(page: Page, superset: Running, query: str = "") -> dict[str, list[dict[str, Any]]]:
    """Open it and wait for every chart; the rows that each was given, by its name."""
    with answers(page) as given:
        page.goto(f"{superset.address}{start.DASHBOARD}{query}")
        wait_until_drawn(page)
    return given


def narrowed_to(agency: str, period: str) -> str:
    """The query of an address that sets both filters, as Superset writes it when one shares the dashboard."""
    name = agency.replace("!", "!!").replace("'", "!'")  # as RISON quotes: there is an apostrophe in M'Đrắk
    of_agency = f"extraFormData:(filters:!((col:agency,op:IN,val:!('{name}')))),filterState:(value:!('{name}'))"
    of_period = f"extraFormData:(time_range:'{period}'),filterState:(value:'{period}')"
    states = {"agency": of_agency, "period": of_period}
    told = [f"NATIVE_FILTER-{n}:({state},id:NATIVE_FILTER-{n},ownState:())" for n, state in states.items()]
    return f"?native_filters=({quote(','.join(told))})"


def big_number(page: Page, name: str) -> float:
    """The number as it stands on the page: 66,7%."""
    text = page.locator(f'[data-test-chart-name="{name}"] .header-line').inner_text()
    assert text.endswith("%")
    return float(text[:-1].replace(".", "").replace(",", ".")) / 100


def choose(page: Page, name: str, value: str) -> Mapping[str, list[dict[str, Any]]]:
    box = page.locator(f'input[aria-label="NATIVE_FILTER-{name}"]')
    box.click()
    box.fill(value.split(",", maxsplit=1)[0])  # what is typed is cut at a comma
    page.locator(".ant-select-item-option-active:visible").get_by_text(value).wait_for()
    box.press("Enter")
    page.keyboard.press("Escape")
    with answers(page) as given, page.expect_response("**/chart/data*"):
        page.locator("[data-test=filter-bar__apply-button]").click()
    wait_until_drawn(page)
    return given


def call(page: Page, superset: Running, path: str, data: dict[str, Any]) -> APIResponse:
    """Superset's API, as the one who has logged in on the page."""
    token = page.request.get(f"{superset.address}/api/v1/security/csrf_token/").json()["result"]
    headers = {"X-CSRFToken": token, "Referer": superset.address}
    return page.request.post(f"{superset.address}/api/v1/{path}", headers=headers, data=data)
