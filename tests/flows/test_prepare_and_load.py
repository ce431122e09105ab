"""Privacy in ``prepare``, and ``load`` that has its effect once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.domain.pseudonyms import pseudonym
from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.expectations.packages import add_package, dossier
from tests.formats.taken_in import cells, csv_of, drop, prepared, xlsx

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
PERSON = {
    "Chủ hồ sơ": "Nguyễn Thị Riêng Tư",
    "Số giấy tờ chủ hồ sơ": "066199012345",
    "Địa chỉ chủ hồ sơ": "12 đường Bí Mật, Buôn Ma Thuột",
    "Số điện thoại": "0905 111 222",
    "Email": "rieng.tu@example.vn",
    "Trích yếu hồ sơ": "Đơn xin việc riêng",
}
NOTE = "Gọi 0905 111 222 hoặc rieng.tu@example.vn, CCCD 066199012345"
SECRETS = ["Riêng Tư", "066199012345", "Bí Mật", "0905 111 222", "0905111222", "rieng.tu", "Đơn xin việc"]


def _table() -> list[list[str]]:
    from tests.formats.taken_in import HEADER

    header = [*(h for h in HEADER if h not in PERSON), *PERSON]
    plain = dict(zip(HEADER, cells(1, note=NOTE), strict=True)) | PERSON
    row = [plain[h] for h in header]
    return [header, row, row[:-2], [*row, "thừa Riêng Tư"]]


@pytest.mark.parametrize("kind", ["csv", "utf-16", "xlsx"])
def test_no_personal_value_is_in_any_file_after_landing(make_settings: Make, tmp_path: Path, kind: str) -> None:
    settings = make_settings()
    data = csv_of(*_table()).encode()
    if kind == "utf-16":
        data = b"\xff\xfe" + csv_of(*_table()).encode("utf-16-le")
    if kind == "xlsx":
        data = xlsx(tmp_path / "a.xlsx", _table())
    package = prepared(settings, STREAM, NAME, data)
    assert package.result.rows >= 1
    _assert_clean(settings)
    name = package.column("applicant_name")[0]
    assert name == pseudonym(TEST_KEY.encode(), PERSON["Chủ hồ sơ"])
    assert package.column("note")[0] == "Gọi [điện thoại] hoặc [thư], CCCD [số]"
    assert package.column("abstract")[0] is None


def _assert_clean(settings: Settings) -> None:
    """Neither in the bytes nor in the values of any file outside landing and the inbox."""
    home = Home(settings.home)
    looked = 0
    for path in home.root.rglob("*"):
        if not path.is_file() or home.landing in path.parents or home.inbox in path.parents:
            continue
        looked += 1
        content = path.read_bytes().decode("utf-8", errors="replace")
        if path.suffix == ".parquet":
            rows = duckdb.execute("select to_json(t)::varchar from read_parquet($1) as t", [str(path)]).fetchall()
            content += " ".join(text for (text,) in rows)
        for secret in SECRETS:
            assert secret not in content, f"{secret} in {path}"
    assert looked >= 4


def test_mail_addresses_keep_their_domain_and_nothing_else(make_settings: Make) -> None:
    start, end = "Jan  4 08:00:00 mx postfix/smtp[4]: A1: to=<", ">, relay=m[1.2.3.4]:25, dsn=2.0.0, status=sent (ok)\n"
    text = "".join(start + address + end for address in ("Rieng.Tu@So.Vn", "rieng.tu@so.vn"))
    package = prepared(make_settings(), "mail.postfix", "mail_20200104_20200105T010000.log", text)
    assert package.column("recipient") == [pseudonym(TEST_KEY.encode(), "rieng.tu@so.vn") + "@so.vn"] * 2


def test_equal_values_share_a_pseudonym_and_another_key_gives_others(make_settings: Make, tmp_path: Path) -> None:
    data = csv_of(*_table()[:2])
    one = prepared(make_settings(home=tmp_path / "a"), STREAM, NAME, data).column("applicant_name")
    same = prepared(make_settings(home=tmp_path / "b"), STREAM, NAME, data).column("applicant_name")
    other = prepared(make_settings(home=tmp_path / "c", pseudonym_key="k" * 20), STREAM, NAME, data)
    assert one == same
    assert other.column("applicant_name") != one


def test_without_a_key_no_byte_is_read(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, csv_of(*_table()))
    collect(settings)
    with pytest.raises(WrongUse, match="no pseudonym key"):
        prepare(make_settings(pseudonym_key=None))
    home = Home(settings.home)
    assert [b.state for b in Ledger(home.ledger).select()] == ["landed"]
    assert not home.packages.exists() or list(home.packages.rglob("*")) == []


def _validated(make_settings: Make) -> tuple[Settings, str]:
    settings = make_settings()
    rows = [dossier(1), dossier(2, channel="7"), *(dossier(n) for n in range(3, 12))]
    batch_id = add_package(settings, rows, rejects=[99])
    validate(settings)
    return settings, batch_id


def test_loading_twice_is_loading_once(make_settings: Make) -> None:
    settings, batch_id = _validated(make_settings)
    first = load(settings)
    assert (first.batches, first.rows_loaded, first.rows_quarantined, first.rows_non_data) == ((batch_id,), 10, 2, 1)
    home = Home(settings.home)
    before = {p: p.read_bytes() for p in home.lake.rglob("*.parquet")}
    assert len(before) == 3
    assert load(settings).batches == ()
    Ledger(home.ledger).update(batch_id, state="validated")  # as a kill before the ledger's commit leaves it
    assert load(settings).rows_loaded == 10
    assert {p: p.read_bytes() for p in home.lake.rglob("*.parquet")} == before


def test_rows_that_do_not_add_up_are_not_loaded(make_settings: Make) -> None:
    settings, batch_id = _validated(make_settings)
    home = Home(settings.home)
    told = home.package_of("igate", "dossiers", batch_id) / "package.json"
    content = json.loads(told.read_text(encoding="utf-8"))
    content["counts"]["rows_in_file"] += 1
    told.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InternalFault, match="do not add up: 14 in the file, 10 to load, 2 held back, 1 that"):
        load(settings)
    assert Ledger(home.ledger).batch(batch_id).state == "validated"


def test_rows_held_back_are_in_quarantine_and_not_in_the_lake(make_settings: Make) -> None:
    settings, batch_id = _validated(make_settings)
    load(settings)
    home = Home(settings.home)
    lake, held = (str(root / "igate" / "dossiers" / f"{batch_id}.parquet") for root in (home.lake, home.quarantine))
    query = "select _row_number from read_parquet($1) order by 1"
    assert [n for (n,) in duckdb.execute(query, [held]).fetchall()] == [3, 99]
    assert 3 not in [n for (n,) in duckdb.execute(query, [lake]).fetchall()]
