"""The paragraph of the article of 2021, computed again from the exports of the sample province (``domain.md`` §4)."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.flows.collect import collect
from pipelines.flows.inspection import inspect_marts
from pipelines.flows.inspection_parts import Inspection
from pipelines.flows.inspection_prose import paragraphs
from pipelines.flows.inspection_words import words_of
from pipelines.flows.prepare import prepare
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.warehouse.plain_sql import built

MONTHS = (date(2020, 1, 1), date(2021, 4, 1))
# What the paragraph rests on; logs and iDesk would only take time.
STREAMS = {
    *("igate/dossiers", "reference/agencies", "reference/procedures", "reference/survey", "reference/par_index"),
    *("reference/website_posts", "reference/initiatives", "reference/targets"),
}
MARTS = (
    *("dim_agency", "dim_indicator", "dim_procedure", "fct_dossier", "fct_dossier_step", "fct_document"),
    *("fct_work_file", "fct_mailbox_month", "rpt_dossier_resolution", "rpt_indicator", "rpt_survey", "rpt_par_index"),
    *("rpt_website_posts", "rpt_initiative", "rpt_signals", "rpt_source_freshness", "rpt_published_figure"),
)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("article")
    exports = folder / "exports"
    simulate(SimulationConfig(directory=exports, scale=0.001, dirt=0.0))
    for stream in exports.glob("*/*"):
        if str(stream.relative_to(exports)) not in STREAMS:
            shutil.rmtree(stream)
    settings = Settings(home=folder / "home", pseudonym_key=TEST_KEY, settle_seconds=0)
    Home(settings.home).create()
    collect(settings, inbox=str(exports))
    prepare(settings)
    packages: dict[str, list[Path]] = defaultdict(list)
    for batch in Ledger(Home(settings.home).ledger).select():
        package = Home(settings.home).package_of(batch.source, batch.stream, batch.batch_id)
        packages[f"{batch.source}__{batch.stream}"].append(package / "rows.parquet")
    with built(packages, *MARTS) as connection:
        yield connection


@pytest.fixture(scope="module")
def found(marts: duckdb.DuckDBPyConnection) -> Inspection:
    return inspect_marts(marts, "000.00.07.H15", MONTHS, "R_PLAIN")


def test_the_article_s_paragraph(found: Inspection) -> None:
    text = " ".join(p.text for p in paragraphs(found, words_of("vi")))
    for sentence in (
        "Từ tháng 01/2020 đến tháng 04/2021, Sở Giáo dục và Đào tạo đã giải quyết 1.887 hồ sơ thủ tục hành chính: "
        "1.143 hồ sơ trước hạn, 738 hồ sơ đúng hạn, 3 hồ sơ quá hạn. Ba loại cộng lại là 1.884; 3 hồ sơ không thuộc "
        "loại nào: 1 không có ngày hẹn trả, 1 công dân rút hồ sơ, 1 dừng xử lý.",
        "Mức độ hài lòng năm 2020 đạt 82,81 %, thấp hơn ngưỡng 90 % là 7,19 điểm phần trăm.",
        "Chỉ số CCHC năm 2020 xếp thứ 18/18",
        "giảm 3 bậc so với năm 2019 (thứ 15) và giảm 11 bậc so với năm 2016 (thứ 7).",
    ):
        assert sentence in text, text


def test_every_figure_of_it_has_files(found: Inspection) -> None:
    files = [s for s in found.sources if s.system == "igate"]
    assert len(files) > 10
    assert sum(s.rows for s in files) >= found.resolved
    assert {s.system for s in found.sources} == {"igate", "survey", "par_index", "website", "initiatives"}
    assert len(found.late_dossiers) == found.late == 3
    assert all(d.days > 0 and d.source_file and d.procedure_name for d in found.late_dossiers)


def test_the_published_figures_stand_beside_ours(marts: duckdb.DuckDBPyConnection) -> None:
    """Under R_PLAIN all of the article's figures are met, and three dossiers stay unexplained."""
    rows = marts.execute(
        "select figure_code, published_value, computed_value, is_equal, unexplained_count "
        "from marts.rpt_published_figure where source = 'S0' and rule_code in ('R_PLAIN', 'none')"
    ).fetchall()
    told = {code: tuple(rest) for code, *rest in rows}
    assert told["GDDT_RESOLVED"] == (Decimal(1887), Decimal(1887), True, 3)
    assert told["GDDT_LATE"] == (Decimal(3), Decimal(3), True, None)
    assert told["GDDT_SATISFACTION"][:3] == (Decimal("82.81"), Decimal("82.81"), True)
    assert told["GDDT_RANK_LOST"][:3] == (Decimal(11), Decimal(11), True)
    assert len(told) == 10
    assert {is_equal for _, _, is_equal, _ in told.values()} == {True}
    (other,) = marts.execute(
        "select is_equal from marts.rpt_published_figure where figure_code = 'GDDT_ON_TIME' and rule_code = 'R_DATE'"
    ).fetchall()
    assert other == (False,), "the rule that absorbs the remainder does not match the article"
