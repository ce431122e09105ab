"""What is taken from an inbox, what is left, and what is refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.domain.errors import SourceUnavailable, WrongUse
from pipelines.flows.collect import collect
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.landing import manifest_of
from pipelines.storage.ledger import Ledger
from tests.flows.servers import sftp_server
from tests.formats.taken_in import drop

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
LABEL = f"igate/dossiers/{NAME}"


def test_a_file_lands_whole_with_its_manifest(make_settings: Make) -> None:
    settings = make_settings()
    source = drop(settings, STREAM, NAME, b"a,b\r\n")
    (batch_id,) = collect(settings).landed
    home = Home(settings.home)
    batch = Ledger(home.ledger).batch(batch_id)
    manifest = manifest_of(home, "igate", "dossiers", batch_id)
    assert (batch.file_name, batch.period, batch.exported_at) == (NAME, "20200104", "2020-01-05 01:00:00")
    assert (manifest.sha256, manifest.size_bytes) == (batch.sha256, 5)
    landed = home.landing_of("igate", "dossiers", batch_id) / "data.csv"
    assert landed.read_bytes() == source.read_bytes()
    assert landed.stat().st_mode & 0o222 == 0, "landed bytes can be changed"
    assert source.exists(), "the inbox is only read"


@pytest.mark.parametrize("name", [f"{NAME}.part", f"{NAME}.tmp", f"{NAME}.filepart", f".{NAME}", f"{NAME}~"])
def test_names_of_unfinished_uploads_are_left(make_settings: Make, name: str) -> None:
    settings = make_settings()
    drop(settings, STREAM, name, b"a,b\r\n")
    result = collect(settings)
    assert (result.landed, result.waiting, result.refused) == ((), (), ())


def test_a_file_that_grows_is_left_until_it_rests(make_settings: Make) -> None:
    settings = make_settings(settle_seconds=0.4)
    path = drop(settings, STREAM, NAME, b"a,b\r\n")
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.05):
            with path.open("ab") as out:
                out.write(b"1,2\r\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        growing = collect(settings)
    finally:
        stop.set()
        writer.join()
    assert (growing.landed, growing.waiting) == ((), (LABEL,))
    assert len(collect(settings).landed) == 1


def test_a_done_marker_says_that_a_file_is_complete(make_settings: Make) -> None:
    settings = make_settings(settle_seconds=30)
    drop(settings, STREAM, NAME, b"a,b\r\n")
    drop(settings, STREAM, f"{NAME}.done", b"")
    started = time.monotonic()
    assert len(collect(settings).landed) == 1
    assert time.monotonic() - started < 10


def test_the_same_bytes_are_taken_once_whatever_their_name(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, b"a,b\r\n")
    first = collect(settings)
    drop(settings, STREAM, "hoso_20200104_20200106T010000.csv", b"a,b\r\n")
    again = collect(settings)
    assert (len(first.landed), again.landed, again.known) == (1, (), 2)
    assert collect(settings).known == 2
    home = Home(settings.home)
    assert [b.batch_id for b in Ledger(home.ledger).select()] == list(first.landed)
    assert [p.name for p in (home.landing / "igate" / "dossiers").iterdir()] == list(first.landed)


def test_the_same_name_with_other_bytes_is_a_new_export(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, b"a,b\r\n")
    collect(settings)
    drop(settings, STREAM, NAME, b"a,b\r\n1,2\r\n")
    assert len(collect(settings).landed) == 1
    assert len(Ledger(Home(settings.home).ledger).select()) == 2


def test_the_same_bytes_of_two_streams_are_two_files(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, b"a,b\r\n")
    drop(settings, "igate.steps", NAME, b"a,b\r\n")
    assert len(collect(settings).landed) == 2


def test_only_what_was_exported_on_a_day_or_by_a_source(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, "hoso_20200104_20200105T010000.csv", b"1")
    drop(settings, STREAM, "hoso_20200105_20200106T010000.csv", b"2")
    drop(settings, "mail.postfix", "mail_20200104_20200105T010000.log", b"3")
    seen = collect(settings, export_date=date(2020, 1, 5), sources=["igate"], dry_run=True)
    assert seen.landed == ("igate/dossiers/hoso_20200104_20200105T010000.csv",)
    assert Ledger(Home(settings.home).ledger).select() == []
    (taken,) = collect(settings, export_date=date(2020, 1, 5), sources=["igate"]).landed
    assert "20200105T010000" in taken
    assert len(collect(settings, sources=["igate"]).landed) == 1
    assert len(collect(settings).landed) == 1


@pytest.mark.parametrize(
    ("path", "label", "said"),
    [
        ("igate/unknown/a.csv", "igate/unknown", "those of igate are dossiers, form06, steps"),
        ("other/dossiers/a.csv", "other", "those known are idesk, igate, mail, reference"),
        ("a.csv", "a.csv", "does not lie in a folder"),
        ("igate/a.csv", "igate/a.csv", "does not lie in a folder"),
        ("igate/dossiers/deeper/a.csv", "igate/dossiers/deeper", "is no plain file"),
    ],
)
def test_what_lies_elsewhere_is_refused_by_name(make_settings: Make, path: str, label: str, said: str) -> None:
    settings = make_settings()
    target = Home(settings.home).inbox / path
    target.parent.mkdir(parents=True)
    target.write_bytes(b"a,b\r\n")
    drop(settings, STREAM, NAME, b"good\r\n")
    result = collect(settings)
    assert [(name, said in reason) for name, reason in result.refused] == [(label, True)]
    assert len(result.landed) == 1


def test_a_file_too_large_is_refused_and_the_others_taken(make_settings: Make) -> None:
    settings = make_settings(max_file_bytes=10)
    drop(settings, STREAM, NAME, b"x" * 11)
    drop(settings, STREAM, "small.csv", b"x" * 10)
    result = collect(settings)
    assert len(result.landed) == 1
    ((name, reason),) = result.refused
    assert (name, "11 bytes, more than the 10 allowed" in reason) == (LABEL, True)


def test_names_and_links_cannot_lead_out_of_landing(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, "x%2f..%2f_20200104_20200105T010000.c$v;", b"a,b\r\n")
    (batch_id,) = collect(settings).landed
    (data,) = Home(settings.home).landing_of("igate", "dossiers", batch_id).glob("data*")
    assert data.name == "data.cv"


def test_an_inbox_that_is_not_there_or_no_folder(make_settings: Make, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="is not there"):
        collect(make_settings(), inbox=str(tmp_path / "nowhere"))
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WrongUse, match="not a folder"):
        collect(make_settings(), inbox=str(tmp_path / "file"))
    with pytest.raises(WrongUse, match="sftp://"):
        collect(make_settings(), inbox="nonsense://x/y")


def test_exports_come_oversftp_server(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    folder = tmp_path / "remote" / "igate" / "dossiers"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes("Mã hồ sơ\r\n".encode() * 200_000)
    (folder / f"{NAME}.part").write_bytes(b"half")
    with sftp_server(tmp_path / "remote") as (address, stop):
        first = collect(settings, inbox=address)
        again = collect(settings, inbox=address)
        (batch_id,) = first.landed
        assert (again.landed, again.known) == ((), 1)
        home = Home(settings.home)
        landed = home.landing_of("igate", "dossiers", batch_id) / "data.csv"
        assert landed.read_bytes() == (folder / NAME).read_bytes()
        told = manifest_of(home, "igate", "dossiers", batch_id)
        assert "s3cret" not in told.collected_from
        assert "nightly" not in told.collected_from
        stop()
        with pytest.raises(SourceUnavailable) as error:
            collect(settings, inbox=address)
    assert "s3cret" not in str(error.value)


def test_a_wrong_password_is_an_unreachable_source_that_tells_no_secret(make_settings: Make, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir()
    with (
        sftp_server(tmp_path / "remote") as (address, _),
        pytest.raises(SourceUnavailable) as error,
    ):
        collect(make_settings(), inbox=address.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(error.value)
