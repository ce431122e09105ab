"""Exports over S3, HTTP and SFTP: whole, once, and taken up after a break; secrets stay out of every text."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.domain.errors import SourceUnavailable, WrongUse
from pipelines.flows.collect import collect
from pipelines.flows.plan import plan
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.landing import manifest_of
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.resuming import Resuming
from tests.flows.servers import Web, s3_server, sftp_server, web_server
from tests.formats.taken_in import drop

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
LABEL = f"igate/dossiers/{NAME}"
DATA = "Mã hồ sơ\r\n".encode() * 300_000


def _landed(settings: Settings) -> list[Batch]:
    return Ledger(Home(settings.home).ledger).select()


def _bytes_of(settings: Settings, batch: Batch) -> bytes:
    (path,) = Home(settings.home).landing_of(batch.source, batch.stream, batch.batch_id).glob("data*")
    return path.read_bytes()


def _put(root: Path, path: str, data: bytes) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("mark", [".done", ".ok"])
def test_a_marker_says_that_a_file_is_complete(make_settings: Make, mark: str) -> None:
    settings = make_settings(settle_seconds=30)
    drop(settings, STREAM, NAME, b"a,b\r\n")
    drop(settings, STREAM, NAME + mark, b"")
    started = time.monotonic()
    assert len(collect(settings).landed) == 1
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("write", ["{0}", "{0}  {1}\n", "{0} *{1}\r\n", "\ufeff{0}", "{2}  {1}\n"])
def test_a_checksum_file_says_that_a_file_is_complete(make_settings: Make, write: str) -> None:
    settings = make_settings(settle_seconds=30)
    drop(settings, STREAM, NAME, DATA)
    digest = hashlib.sha256(DATA).hexdigest()
    drop(settings, STREAM, f"{NAME}.sha256", write.format(digest, NAME, digest.upper()))
    assert len(collect(settings).landed) == 1
    assert _landed(settings)[0].sha256 == digest


@pytest.mark.parametrize("packed", [False, True])
def test_half_a_file_does_not_fit_its_checksum(make_settings: Make, packed: bool) -> None:
    from tests.formats.test_packed import zipped

    settings = make_settings()
    data = zipped([("a.csv", DATA)]) if packed else DATA
    drop(settings, STREAM, f"{NAME}.sha256", hashlib.sha256(data).hexdigest())
    drop(settings, STREAM, NAME, data[:-1])
    ((label, reason),) = collect(settings).refused
    assert (label, "it came in part, or was changed" in reason) == (LABEL, True)
    assert (_landed(settings), list(Home(settings.home).landing.glob("*/*/*"))) == ([], [])
    drop(settings, STREAM, NAME, data)
    assert len(collect(settings).landed) == 1


def test_a_checksum_file_without_a_checksum_is_refused(make_settings: Make) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, DATA)
    drop(settings, STREAM, f"{NAME}.sha256", b"\xff" * 9000)
    assert [reason for _, reason in collect(settings).refused] == [
        f"{NAME}.sha256 holds no SHA-256. Next: Write it with `sha256sum`, or take it away."
    ]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_server() as (endpoint, client):
        client.create_bucket(Bucket="exports")
        yield endpoint, client


def _options(endpoint: str) -> str:
    return json.dumps({"endpoint_url": endpoint, "client_kwargs": {"region_name": "us-east-1"}})


def test_exports_come_from_s3(make_settings: Make, s3: tuple[str, Any]) -> None:
    endpoint, client = s3
    settings = make_settings(inbox="s3://exports/tỉnh", inbox_options=_options(endpoint))
    with pytest.raises(SourceUnavailable, match="is not there"):
        collect(settings)
    for key, body in (
        (f"igate/dossiers/{NAME}", DATA),
        ("igate/dossiers/", b""),  # what a console leaves when somebody makes a folder
        ("igate/steps/bước_20200104_20200105T010000.csv.gz", gzip.compress(DATA)),
        ("igate/unknown/x.csv", b"x"),
    ):
        client.put_object(Bucket="exports", Key=f"tỉnh/{key}", Body=body)
    result = collect(settings)
    assert (len(result.landed), [label for label, _ in result.refused]) == (2, ["igate/unknown"])
    dossiers, steps = sorted(_landed(settings), key=lambda b: b.stream)
    assert (_bytes_of(settings, dossiers), dossiers.sha256) == (DATA, hashlib.sha256(DATA).hexdigest())
    assert gzip.decompress(_bytes_of(settings, steps)) == DATA
    told = manifest_of(Home(settings.home), "igate", "dossiers", dossiers.batch_id)
    assert told.collected_from == "s3://exports/tỉnh"
    assert (collect(settings).landed, collect(settings).known) == ((), 2)
    client.put_object(Bucket="exports", Key=f"tỉnh/igate/dossiers/{NAME}", Body=DATA + b"new")
    assert len(collect(settings).landed) == 1


def test_an_s3_that_does_not_answer_is_unreachable(make_settings: Make, s3: tuple[str, Any]) -> None:
    del s3
    settings = make_settings(inbox="s3://exports/x", inbox_options=_options("http://127.0.0.1:9"))
    with pytest.raises(SourceUnavailable) as error:
        collect(settings)
    assert "s3cret" not in str(error.value)


def test_options_that_are_no_json_are_wrong_use_and_never_shown(make_settings: Make) -> None:
    settings = make_settings(inbox="s3://exports/x", inbox_options="secret{")
    with pytest.raises(WrongUse, match="CCHC_INBOX_OPTIONS") as error:
        collect(settings)
    assert "secret{" not in str(error.value)
    assert "secret{" not in str(settings.described())


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Web, Path]]:
    root = tmp_path / "www"
    (root / "xuất").mkdir(parents=True)
    with web_server(root) as server:
        server.address += "xu%E1%BA%A5t"
        yield server, root / "xuất"


def test_exports_come_over_http(make_settings: Make, web: tuple[Web, Path]) -> None:
    server, root = web
    settings = make_settings(inbox=server.address)
    name = "Sổ theo dõi & hồ sơ 100%_20200104_20200105T010000.csv"
    _put(root, f"igate/dossiers/{name}", DATA)
    _put(root, "igate/dossiers/half.csv.part", b"half")
    _put(root, "igate/unknown/x.csv", b"x")
    assert plan(settings).inbox.landed == (f"igate/dossiers/{name}",)
    result = collect(settings)
    assert (len(result.landed), [label for label, _ in result.refused]) == (1, ["igate/unknown"])
    (batch,) = _landed(settings)
    assert (batch.file_name, _bytes_of(settings, batch) == DATA) == (name, True)
    again = collect(settings)
    assert (again.landed, again.known) == ((), 1)


def test_a_page_of_links_cannot_send_a_reader_elsewhere(
    make_settings: Make, web: tuple[Web, Path], tmp_path: Path
) -> None:
    server, root = web
    settings = make_settings(inbox=server.address)
    _put(tmp_path / "www", "secret.csv", b"not to be taken")
    links = ["/secret.csv", "../secret.csv", "http://127.0.0.1:9/x.csv", "?C=N;O=D", "deeper/x.csv", "#top", "good.csv"]
    page = "".join(f'<a href="{link}">x</a>' for link in links)
    _put(root, "igate/dossiers/index.html", page.encode())
    _put(root, "igate/dossiers/good.csv", b"1")
    assert len(collect(settings).landed) == 1
    assert [b.file_name for b in _landed(settings)] == ["good.csv"]
    assert not any("secret" in path for _, path, _ in server.asked)


@pytest.mark.parametrize("with_ranges", [True, False])
def test_a_download_that_breaks_is_taken_up_where_it_stood(
    make_settings: Make, web: tuple[Web, Path], with_ranges: bool
) -> None:
    server, root = web
    _put(root, f"igate/dossiers/{NAME}", DATA)
    server.breaks, server.with_ranges = 2, with_ranges
    settings = make_settings(inbox=server.address)
    assert len(collect(settings).landed) == 1
    (batch,) = _landed(settings)
    assert (batch.size_bytes, batch.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    ranges = [asked for method, path, asked in server.asked if method == "GET" and path.endswith(".csv")]
    assert len(ranges) == 3
    assert ranges[0] is None
    assert all(r is not None and int(r[6:-1]) > 0 for r in ranges[1:])


def test_a_download_that_always_breaks_leaves_nothing_and_the_next_run_takes_it(
    make_settings: Make, web: tuple[Web, Path]
) -> None:
    server, root = web
    _put(root, "igate/dossiers/a.csv", b"small")
    _put(root, f"igate/dossiers/{NAME}", DATA)
    server.breaks = 50
    settings = make_settings(inbox=server.address)
    with pytest.raises(SourceUnavailable, match="nothing is lost"):
        collect(settings)
    assert [b.file_name for b in _landed(settings)] == ["a.csv"], "what came before the break stays"
    server.breaks = 0
    result = collect(settings)
    assert (len(result.landed), result.known) == (1, 1)


def test_a_password_for_http_is_in_no_text(make_settings: Make, web: tuple[Web, Path]) -> None:
    server, root = web
    server.login = "nightly:s3cret"
    _put(root, f"igate/dossiers/{NAME}", DATA)
    settings = make_settings()
    good = server.address.replace("//", "//nightly:s3cret@")
    assert len(collect(settings, inbox=good).landed) == 1
    (batch,) = _landed(settings)
    told = manifest_of(Home(settings.home), "igate", "dossiers", batch.batch_id)
    assert "s3cret" not in told.collected_from
    with pytest.raises(SourceUnavailable) as error:
        collect(settings, inbox=good.replace("s3cret", "wr0ng"))
    assert "wr0ng" not in str(error.value)
    assert "nightly" not in str(error.value)


def test_a_file_that_changed_during_the_break_is_left_for_later(make_settings: Make, web: tuple[Web, Path]) -> None:
    server, root = web
    path = _put(root, f"igate/dossiers/{NAME}", DATA)
    settings = make_settings(inbox=server.address)
    server.breaks = 1
    before = collect(settings, dry_run=True)
    assert before.landed == (LABEL,)

    class Once(list):  # type: ignore[type-arg]
        def append(self, asked: Any) -> None:
            if asked[0] == "GET" and asked[1].endswith(".csv") and asked[2] is None:
                os.utime(path, (1, 1))
            super().append(asked)

    server.asked = Once()
    result = collect(settings)
    assert (result.landed, result.waiting) == ((), (LABEL,))


def test_markers_and_checksums_count_over_sftp_too(make_settings: Make, tmp_path: Path) -> None:
    root = tmp_path / "remote"
    _put(root, f"igate/dossiers/{NAME}", DATA)
    _put(root, f"igate/dossiers/{NAME}.sha256", hashlib.sha256(DATA).hexdigest().encode())
    _put(root, "igate/dossiers/half.csv", DATA[:100])
    _put(root, "igate/dossiers/half.csv.sha256", hashlib.sha256(DATA).hexdigest().encode())
    settings = make_settings(settle_seconds=30)
    with sftp_server(root) as (address, _):
        result = collect(settings, inbox=address)
    assert ([b.file_name for b in _landed(settings)], [label for label, _ in result.refused]) == (
        [NAME],
        ["igate/dossiers/half.csv"],
    )


class _Breaking:
    """A stream that breaks after some bytes, as a cut connection does."""

    def __init__(self, data: bytes, breaks_at: int) -> None:
        self._data, self._left = data, breaks_at

    def read(self, size: int) -> bytes:
        if self._left <= 0:
            raise ConnectionResetError
        piece, self._data = self._data[: min(size, self._left)], self._data[min(size, self._left) :]
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        raise ConnectionResetError


def test_every_byte_comes_once_however_often_it_breaks() -> None:
    data = os.urandom(10_000)
    opened: list[tuple[int, bool]] = []

    def open_at(position: int, is_first: bool) -> Any:
        opened.append((position, is_first))
        return _Breaking(data[position:], breaks_at=700)

    stream = Resuming(open_at, pause=0)
    came = b"".join(iter(lambda: stream.read(300), b""))
    assert came == data
    assert opened[:3] == [(0, True), (700, False), (1400, False)]


def test_a_source_that_stays_broken_says_so_after_three_tries() -> None:
    tries: list[int] = []

    def open_at(position: int, is_first: bool) -> Any:
        tries.append(position)
        raise TimeoutError("no answer")

    with pytest.raises(TimeoutError):
        Resuming(open_at, pause=0).read(1)
    assert len(tries) == 3
