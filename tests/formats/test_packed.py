"""Exports as .gz, .zst and .zip: read as if they were not packed, told by content, never past a limit."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st

from pipelines.domain.errors import DataRefused
from pipelines.flows.collect import CollectResult, collect
from pipelines.flows.prepare import PrepareResult, prepare
from pipelines.flows.unpacking import plain_file
from pipelines.formats.limits import UnpackLimits
from pipelines.formats.unpack import packing_of, unpacked
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from tests.examples import examples
from tests.formats.taken_in import HEADER, cells, csv_of, drop, prepared, xlsx

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
CSV = csv_of(HEADER, cells(1), cells(2, note="có, dấu phẩy")).encode()
CODES = ["000.00.12.H15-200104-0001", "000.00.12.H15-200104-0002"]
LIMITS = UnpackLimits(max_bytes=1 << 20, max_members=5, max_ratio=50, ratio_from=1000)


def zipped(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; a name may stand twice, and may be any name at all."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def _zstd(data: bytes, **options: Any) -> bytes:
    return zstandard.ZstdCompressor(**options).compress(data)


def _two_gzips(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


def _collected(settings: Settings, name: str, data: bytes) -> CollectResult:
    drop(settings, STREAM, name, data)
    return collect(settings)


def _batches(settings: Settings) -> list[Batch]:
    return Ledger(Home(settings.home).ledger).select()


@pytest.mark.parametrize("pack", [gzip.compress, _two_gzips, _zstd, lambda d: _zstd(d, write_checksum=True)])
@pytest.mark.parametrize("name", [f"{NAME}.gz", NAME, "x_20200104_20200105T010000.xlsx"])
def test_a_packed_export_is_read_whatever_its_name(
    make_settings: Make, pack: Callable[[bytes], bytes], name: str
) -> None:
    settings, data = make_settings(), pack(CSV)
    package = prepared(settings, STREAM, name, data)
    assert package.result.refusal is None
    assert package.column("dossier_code") == CODES
    (landed,) = Home(settings.home).landing_of("igate", "dossiers", package.batch.batch_id).glob("data*")
    assert landed.read_bytes() == data, "landing keeps the bytes as they came"
    assert list(Home(settings.home).landing.glob(".raw-*")) == [], "unpacked text lies about"


def test_a_plain_file_may_call_itself_packed(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, f"{NAME}.gz", CSV)
    assert package.column("dossier_code") == CODES


def test_a_packed_sheet_and_a_sheet_called_zip(make_settings: Make, tmp_path: Path) -> None:
    settings, book = make_settings(), xlsx(tmp_path / "b.xlsx", [HEADER, cells(1), cells(2)])
    assert prepared(settings, STREAM, "a_20200104_20200105T010000.xlsx.gz", gzip.compress(book)).column(
        "dossier_code"
    ) == [*CODES]
    other = prepared(settings, STREAM, "b_20200104_20200105T020000.zip", book)
    assert (other.column("dossier_code"), other.batch.file_name) == (CODES, "b_20200104_20200105T020000.zip")


def test_a_rotated_log_is_read_packed(make_settings: Make) -> None:
    line = b"Jan  4 00:00:01 mx postfix/qmgr[3]: A1B2C3D4E5: from=<a@x.vn>, size=12, nrcpt=1 (queue active)\n"
    package = prepared(make_settings(), "mail.postfix", "mail.log.1_202001_20200105T010000.gz", gzip.compress(line * 3))
    assert (package.result.refusal, package.result.rows_in_file) == (None, 3)


def test_every_member_of_a_zip_is_a_file_of_its_own(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    book = xlsx(tmp_path / "b.xlsx", [HEADER, cells(3)])
    data = zipped(
        [
            ("thang 1/", b""),
            ("thang 1/hoso_202001_20200201T010000.csv", CSV),
            ("thang 2/Sổ hồ sơ.xlsx", book),
            ("__MACOSX/thang 1/._x", b"junk"),
            ("thang 2/.DS_Store", b"junk"),
        ]
    )
    result = _collected(settings, "tat ca_2020_20200301T020000.zip", data)
    assert (len(result.landed), result.refused, result.waiting) == (2, (), ())
    first, second = _batches(settings)
    assert first.file_name == "tat ca_2020_20200301T020000.zip!thang 1!hoso_202001_20200201T010000.csv"
    assert (first.period, first.exported_at) == ("202001", "2020-02-01 01:00:00")
    assert second.file_name.endswith("!thang 2!Sổ hồ sơ.xlsx")
    (landed,) = Home(settings.home).landing_of("igate", "dossiers", first.batch_id).glob("data*")
    assert landed.read_bytes() == CSV
    assert sorted(r.rows for r in prepare(settings)) == [1, 2]
    assert collect(settings).known == 1, "an archive that was taken is not opened again"


def test_an_archives_stamp_counts_for_members_without_one(make_settings: Make) -> None:
    settings = make_settings()
    _collected(settings, "hoso_202002_20200301T020000.zip", zipped([("a.csv", CSV)]))
    (batch,) = _batches(settings)
    assert (batch.period, batch.exported_at) == ("202002", "2020-03-01 02:00:00")


def test_a_member_that_landed_before_is_known_and_the_rest_taken(make_settings: Make) -> None:
    settings = make_settings()
    _collected(settings, "a.csv", CSV)
    result = _collected(settings, "b.zip", zipped([("a.csv", CSV), ("new.csv", CSV + b"\r\n")]))
    assert (len(result.landed), result.known) == (1, 2)
    assert collect(settings).known == 2


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x.csv", "/etc/passwd", "..\\..\\x.csv", "C:\\x.csv", "a/../..", "\x1b[31m.csv"]
)
def test_names_in_archives_lead_nowhere(make_settings: Make, tmp_path: Path, name: str) -> None:
    settings = make_settings()
    result = _collected(settings, "x_20200104_20200105T010000.zip", zipped([(name, CSV)]))
    assert len(result.landed) == 1
    (batch,) = _batches(settings)
    assert not set(batch.file_name) & set("/\\\x1b")
    (done,) = prepare(settings)
    assert (done.refusal, done.rows) == (None, 2)
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and settings.home not in p.parents]
    assert outside == []


@pytest.mark.parametrize("name", ["x'; drop table batches; --.csv", 'a".csv', "$1 {0} %s.csv"])
def test_names_are_never_read_as_sql(make_settings: Make, name: str) -> None:
    settings = make_settings()
    _collected(settings, f"{name}.zip", zipped([(name, CSV)]))
    (result,) = prepare(settings)
    assert (result.rows, result.file_name) == (2, f"{name}.zip!{name}")
    package = Home(settings.home).package_of("igate", "dossiers", result.batch_id)
    assert name in (package / "package.json").read_text(encoding="utf-8").replace('\\"', '"')


def _locked(name: str, data: bytes) -> bytes:
    """A zip that says its member has a password."""
    raw = bytearray(zipped([(name, data)]))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(sign) + place
        raw[at] |= 1
    return bytes(raw)


def test_a_locked_member_and_a_name_that_stands_twice_are_refused_and_the_rest_taken(make_settings: Make) -> None:
    settings = make_settings()
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped([("a.csv", CSV), ("a.csv", CSV + b"x"), ("b.csv", CSV)])
    first = _collected(settings, "twice.zip", twice)
    assert [(n, "stands 2 times" in r) for n, r in first.refused] == [("igate/dossiers/twice.zip!a.csv", True)]
    assert len(first.landed) == 1
    second = _collected(settings, "locked.zip", _locked("c.csv", CSV + b"1"))
    assert ("igate/dossiers/locked.zip!c.csv", "is locked with a password; pack it without one") in second.refused
    assert second.landed == ()


def test_what_is_packed_twice_is_refused(make_settings: Make) -> None:
    settings = make_settings()
    inner = [("inner.zip", zipped([("x.csv", CSV)])), ("mail.gz", gzip.compress(CSV)), ("good.csv", CSV)]
    result = _collected(settings, "outer.zip", zipped(inner))
    assert len(result.landed) == 1
    assert sorted(name.rpartition("!")[2] for name, why in result.refused if "packed again" in why) == [
        "inner.zip",
        "mail.gz",
    ]
    package = prepared(make_settings(home=settings.home.parent / "b"), STREAM, NAME, gzip.compress(_zstd(CSV)))
    assert "packed again (zstd); one level is opened" in (package.result.refusal or "")


def _refusal(settings: Settings, data: bytes) -> str:
    """Why a file is not taken in, by collect or by prepare; nothing of it may be left lying about."""
    result = _collected(settings, NAME, data)
    assert list(Home(settings.home).landing.glob(".raw-*")) == []
    told = [reason for _, reason in result.refused] or [r.refusal or "" for r in prepare(settings)]
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize("pack", [gzip.compress, lambda d: _zstd(d, level=19), lambda d: zipped([("a.csv", d)])])
def test_a_bomb_is_stopped_at_the_limit(make_settings: Make, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(40_000_000))
    assert "CCHC_MAX_UNPACK_RATIO" in _refusal(make_settings(), bomb)
    other = make_settings(home=make_settings().home.parent / "b", max_unpacked_bytes=1_000_000)
    assert "CCHC_MAX_UNPACKED_BYTES" in _refusal(other, bomb)


def test_an_archive_that_lies_about_its_sizes_is_stopped(tmp_path: Path) -> None:
    raw = bytearray(zipped([("a.csv", bytes(40_000_000))]))
    for sign, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", raw, raw.index(sign) + place, 100)
    path = tmp_path / "liar"
    path.write_bytes(raw)
    with pytest.raises(DataRefused, match="damaged in its archive"):
        unpacked(path, file_name="liar.zip", scratch=tmp_path, limits=LIMITS)
    assert all(p.stat().st_size < 1 << 20 for p in tmp_path.iterdir())


def test_too_many_members_are_refused_before_any_is_read(make_settings: Make) -> None:
    settings = make_settings(max_archive_members=3)
    result = _collected(settings, "many.zip", zipped([(f"{n}.csv", CSV) for n in range(4)]))
    ((_, reason),) = result.refused
    assert (result.landed, "holds 4 files, more than the 3 allowed" in reason) == ((), True)
    assert "CCHC_MAX_ARCHIVE_MEMBERS" in reason


@pytest.mark.parametrize("pack", [gzip.compress, lambda d: _zstd(d, write_checksum=True), lambda d: zipped([("a", d)])])
def test_half_a_package_is_no_package(make_settings: Make, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(os.urandom(50_000))
    settings = make_settings()
    assert "damaged" in _refusal(settings, whole[:-30_000])
    assert [b.state for b in _batches(settings)] == ["refused"], "it would be looked at again every night"


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Rar!\x1a\x07\x01\x00" + b"x" * 50, "packed as RAR, which is not opened"),
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 50, "packed as 7z"),
        (b"BZh91AY" + b"x" * 50, "packed as bzip2"),
        (b"\xfd7zXZ\0" + b"x" * 50, "packed as xz"),
        (_tar(CSV), "packed as tar"),
        (gzip.compress(_tar(CSV)), "packed again (tar)"),
        (gzip.compress(b""), "is empty"),
        (zipped([]), "holds 0 files"),
    ],
    ids=["rar", "7z", "bzip2", "xz", "tar", "tar.gz", "nothing", "no member"],  # gzip notes the second
)
def test_other_packings_are_named_and_refused(make_settings: Make, data: bytes, said: str) -> None:
    assert said in _refusal(make_settings(), data)


def test_a_file_that_somebody_names_is_unpacked_under_landing_only(make_settings: Make, tmp_path: Path) -> None:
    settings, path = make_settings(), tmp_path / "hoso.csv.gz"
    path.write_bytes(gzip.compress(CSV))
    with plain_file(settings, path) as plain:
        assert plain.read_bytes() == CSV
        assert Home(settings.home).landing in plain.parents
        assert stat.S_IMODE(plain.parent.stat().st_mode) == 0o700
    assert not plain.exists()
    path.write_bytes(zipped([("a.csv", CSV), ("b.csv", CSV)]))
    with pytest.raises(DataRefused, match=r"holds 2 files \(a.csv, b.csv\)"), plain_file(settings, path):
        pass


def test_too_many_columns_are_refused(make_settings: Make) -> None:
    wide = csv_of([*HEADER, *(f"thừa {n}" for n in range(2000))], [*cells(), *[""] * 2000])
    told: PrepareResult = prepared(make_settings(), STREAM, NAME, wide).result
    assert "2008 columns, more than the 1000 allowed" in (told.refusal or "")
    assert "CCHC_MAX_COLUMNS" in (told.refusal or "")


def test_a_file_that_is_one_endless_line_is_refused(make_settings: Make) -> None:
    data = csv_of(HEADER, cells()) + "x" * (10 << 20)
    assert "is longer than the 4194304 bytes allowed" in (
        prepared(make_settings(), STREAM, NAME, data).result.refusal or ""
    )


def test_an_endless_line_of_a_log_is_cut_and_the_next_one_read(make_settings: Make) -> None:
    line = "Jan  4 00:00:01 mx postfix/qmgr[3]: A1B2C3D4E5: from=<a@x.vn>, size=12, nrcpt=1 (queue active)\n"
    data = line + "x" * (10 << 20) + "\n\n" + line
    package = prepared(make_settings(), "mail.postfix", "mail_202001_20200105T010000.log", data)
    assert (package.result.rows_in_file, package.result.rows) == (4, 2)


_PACKS: tuple[Callable[[bytes], bytes], ...] = (gzip.compress, _zstd, lambda d: zipped([("x", d)]))


@with_settings(deadline=None, max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(pack=st.sampled_from(_PACKS), data=st.binary(max_size=3000), at=st.integers(0, 200), byte=st.integers(0, 255))
def test_any_damage_ends_in_bytes_or_a_refusal(
    tmp_path: Path, pack: Callable[[bytes], bytes], data: bytes, at: int, byte: int
) -> None:
    raw = bytearray(pack(data))
    raw[at % len(raw)] = byte
    path, scratch = tmp_path / "p", tmp_path / "s"
    path.write_bytes(raw)
    scratch.mkdir(exist_ok=True)
    told = ""
    try:
        out = unpacked(path, file_name="p", scratch=scratch, limits=LIMITS)
    except DataRefused as refused:
        told = str(refused)
    assert told.startswith(("p ", "p!")) if told else out.stat().st_size <= LIMITS.max_bytes


@with_settings(deadline=None, max_examples=examples(15), suppress_health_check=list(HealthCheck))
@given(pack=st.sampled_from(_PACKS), data=st.binary(max_size=3000))
def test_unpacking_gives_back_what_was_packed(tmp_path: Path, pack: Callable[[bytes], bytes], data: bytes) -> None:
    path = tmp_path / "p"
    path.write_bytes(data)
    if packing_of(path) is not None:
        return
    path.write_bytes(pack(data))
    assert unpacked(path, file_name="p", scratch=tmp_path, limits=UnpackLimits(1 << 20, 5, 1e9)).read_bytes() == data
