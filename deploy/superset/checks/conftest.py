"""A Superset that is really installed and really serves, over a small province, and a browser before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from deploy.browser import chromium
from deploy.superset import start
from deploy.superset.checks.dashboard_page import PASSWORD, Running, logged_in
from deploy.superset.start import SupersetSettings
from pipelines.flows.run import run
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.storage.home import Home


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
    left: list[str] = []
    opened = logged_in(browser, superset, "admin")
    opened.context.on("requestfinished", lambda r: left.append(r.url) if "//127.0.0.1" not in r.url[:20] else None)
    yield opened
    opened.context.close()
    assert [url for url in left if url.startswith("http")] == []
