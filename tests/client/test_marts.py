"""An analyst's way in: one snapshot at a time, the newest on demand, nothing written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from pipelines.client import Marts
from pipelines.domain.errors import WrongUse
from pipelines.storage.home import Home
from pipelines.storage.snapshots import point_to, remove_snapshot

Publish = Callable[[int], str]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def publish(home: Home) -> Publish:
    """A publication in small: two tables of that many rows, as Parquet too."""

    def one(rows: int) -> str:
        name = f"marts_20260101T{rows:06}_x"
        parquet = home.published / "parquet" / name
        parquet.mkdir(parents=True)
        with duckdb.connect(str(home.published / f"{name}.duckdb")) as connection:
            connection.execute("create schema marts")
            connection.execute(
                "create table marts.rpt_indicator as "
                f"select 'H15.0' || i as agency_code, i as value from range({rows}) r(i)"
            )
            connection.execute("comment on column marts.rpt_indicator.value is 'Giá trị. — Value.'")
            connection.execute(
                "create table marts.rpt_source_freshness as "
                f"select make_timestamp({2000 + rows}, 1, 1, 1, 0, 0) as as_of"
            )
            connection.execute(f"copy marts.rpt_indicator to '{parquet}/rpt_indicator.parquet'")
        (home.published / f"{name}.json").write_text("{}", encoding="utf-8")
        point_to(home, name)
        return name

    return one


def test_a_table_in_every_form(home: Home, publish: Publish) -> None:
    name = publish(3)
    with Marts(home.root) as marts:
        assert (marts.snapshot, marts.as_of) == (name, datetime(2003, 1, 1, 1))
        assert marts.tables() == ["rpt_indicator", "rpt_source_freshness"]
        assert marts.table("rpt_indicator").filter("value > 0").count("*").fetchall() == [(2,)]
        assert marts.sql("select value from rpt_indicator where agency_code = ?", ["H15.01"]).fetchall() == [(1,)]
        assert marts.sql("select $a + 1", {"a": 41}).fetchall() == [(42,)]
        assert list(marts.pandas("rpt_indicator").columns) == ["agency_code", "value"]
        assert isinstance(marts.pandas("select 1 as one"), pd.DataFrame)
        assert isinstance(marts.arrow("rpt_indicator"), pa.Table)
        assert marts.arrow("select value from rpt_indicator where value < $1", [2]).num_rows == 2
        assert (
            duckdb.read_parquet(str(marts.parquet("rpt_indicator"))).fetchall()
            == marts.sql("from marts.rpt_indicator").fetchall()
        )
        assert marts.describe("rpt_indicator").fetchall()[1] == ("value", "BIGINT", "Giá trị. — Value.")
        assert marts.sql("select current_setting('TimeZone')").fetchall() == [("Asia/Ho_Chi_Minh",)]


def test_the_home_is_an_argument_a_setting_or_here(
    home: Home, publish: Publish, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = publish(1)
    monkeypatch.setenv("CCHC_HOME", str(home.root))
    assert Marts().snapshot == name
    monkeypatch.delenv("CCHC_HOME")
    (tmp_path / "data").symlink_to(home.root)
    monkeypatch.chdir(tmp_path)
    assert Marts().snapshot == name


def test_one_snapshot_until_it_is_refreshed(home: Home, publish: Publish) -> None:
    publish(1)
    staying, following = Marts(home.root), Marts(home.root, follow=True)
    before = staying.table("rpt_indicator")
    assert not staying.refresh()
    newer = publish(2)
    assert staying.table("rpt_indicator").count("*").fetchall() == [(1,)]
    assert following.table("rpt_indicator").count("*").fetchall() == [(2,)]
    assert following.snapshot == newer
    assert staying.refresh()
    assert staying.table("rpt_indicator").count("*").fetchall() == [(2,)]
    assert before.count("*").fetchall() == [(1,)], "what was asked before stays usable"


def test_a_snapshot_that_is_removed_stays_open(home: Home, publish: Publish) -> None:
    older = publish(1)
    marts = Marts(home.root)
    publish(2)
    remove_snapshot(home, older)
    assert marts.table("rpt_indicator").fetchall() == [("H15.00", 0)]
    with pytest.raises(WrongUse, match="refresh"):
        marts.parquet("rpt_indicator")


def test_nothing_is_written(home: Home, publish: Publish) -> None:
    publish(1)
    before = sorted(home.root.rglob("*"))
    with Marts(home.root) as marts:
        with pytest.raises(duckdb.Error, match="read-only"):
            marts.sql("create table rpt_more as select 1")
        marts.sql("select * from range(200000) order by hash(range)").fetchall()
        marts.engine().connect().close()
        assert sorted(home.root.rglob("*")) == before


def test_sqlalchemy_follows_the_pointer_beside_an_open_snapshot(home: Home, publish: Publish) -> None:
    publish(1)
    marts = Marts(home.root)
    engine = marts.engine()
    asked = "select count(*) as n from marts.rpt_indicator where agency_code <> %(code)s"
    assert pd.read_sql(asked.replace("%(code)s", "'x'"), engine)["n"].tolist() == [1]
    publish(2)
    with engine.connect() as connection:
        counted = sa.text(asked.replace("%(code)s", ":code"))
        assert connection.execute(counted, {"code": "x"}).scalar() == 2
        with pytest.raises(sa.exc.SQLAlchemyError, match="read-only"):
            connection.execute(sa.text("delete from marts.rpt_indicator"))
    assert sa.inspect(engine).get_table_names(schema="marts") == ["rpt_indicator", "rpt_source_freshness"]


def test_the_url_opens_it_elsewhere_read_only(home: Home, publish: Publish) -> None:
    name = publish(3)
    url = Marts(home.root).sqlalchemy_url()
    assert name in url
    code = (
        "import sys, sqlalchemy as sa\n"
        "with sa.create_engine(sys.argv[1]).connect() as c:\n"
        "    print(c.execute(sa.text('select count(*) from marts.rpt_indicator')).scalar())\n"
        "    try: c.execute(sa.text('delete from marts.rpt_indicator'))\n"
        "    except sa.exc.SQLAlchemyError as error: print('read-only' in str(error))\n"
    )
    told = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["3", "True"]


def test_errors_name_the_next_step(home: Home, publish: Publish) -> None:
    with pytest.raises(WrongUse, match="cchc run"):
        Marts(home.root)
    assert not home.root.exists()
    publish(1)
    marts = Marts(home.root)
    with pytest.raises(WrongUse, match="Did you mean rpt_indicator"):
        marts.table("rpt_indicatr")
    with pytest.raises(WrongUse, match="There are rpt_indicator, rpt_source_freshness"):
        marts.pandas("zzz")
    with pytest.raises(duckdb.BinderException, match="agency_code"):
        marts.sql("select agency from rpt_indicator")
