"""The systems' drop: takes files by SFTP, shows the inbox and nothing else, lets nobody in without proof."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncssh
import paramiko
import pytest

from deploy.sftp_drop import DropSettings, listen
from pipelines.domain.errors import WrongUse
from pipelines.flows.collect import collect
from pipelines.settings import Settings
from pipelines.storage.ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "longenoughfortests"
NAME = "agencies_all_20200201T010000.csv"
CONTENT = "Mã cơ quan,Tên\nH15.07,Sở Giáo dục\n"


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[int]:
    """The service's own command, on a free port; the port."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "client"))
    (tmp_path / "authorized").write_text(key.export_public_key().decode(), encoding="utf-8")
    environment = dict(os.environ) | {
        "CCHC_HOME": str(tmp_path / "home"),
        "CCHC_DROP_PORT": "0",
        "CCHC_DROP_PASSWORD": PASSWORD,
        "CCHC_DROP_AUTHORIZED_KEYS": str(tmp_path / "authorized"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.sftp_drop"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.split(":")[1].split()[0])
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def _session(port: int, **login: str) -> paramiko.SFTPClient:
    transport = paramiko.Transport(("127.0.0.1", port))
    key = login.pop("key", None)
    transport.connect(
        username=login.get("user", "drop"),
        password=login.get("password"),
        pkey=paramiko.Ed25519Key.from_private_key_file(key) if key else None,
    )
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    return client


def test_what_a_system_uploads_is_collected_through_the_same_server(drop: int, tmp_path: Path) -> None:
    with _session(drop, password=PASSWORD) as client:
        assert sorted(client.listdir("/")) == ["idesk", "igate", "mail", "reference"]
        with client.open(f"/reference/agencies/{NAME}.part", "w") as out:
            out.write(CONTENT)
        half = _collected(drop, tmp_path)
        client.posix_rename(f"/reference/agencies/{NAME}.part", f"/reference/agencies/{NAME}")
    assert half == 0, "a half-uploaded file must not be taken"
    assert _collected(drop, tmp_path) == 1
    (batch,) = Ledger(tmp_path / "collected" / "lake" / "ledger.sqlite").select()
    assert (batch.source, batch.stream, batch.file_name, batch.size_bytes) == (
        "reference",
        "agencies",
        NAME,
        len(CONTENT.encode()),
    )


def _collected(port: int, tmp_path: Path) -> int:
    settings = Settings(home=tmp_path / "collected", settle_seconds=0)
    return len(collect(settings, inbox=f"sftp://drop:{PASSWORD}@127.0.0.1:{port}/").landed)


def test_a_key_opens_too(drop: int, tmp_path: Path) -> None:
    with _session(drop, key=str(tmp_path / "client")) as client:
        assert "igate" in client.listdir("/")


@pytest.mark.parametrize("login", [{"password": "wrong, but long enough"}, {"password": ""}, {"user": "root"}])
def test_nobody_else_comes_in(drop: int, login: dict[str, str]) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        _session(drop, **({"password": PASSWORD} | login))


def test_a_stranger_with_a_key_of_his_own_stays_out(drop: int, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(tmp_path / "stranger"))
    with pytest.raises(paramiko.AuthenticationException):
        _session(drop, key=str(tmp_path / "stranger"))


def test_nothing_outside_the_inbox_can_be_reached(drop: int, tmp_path: Path) -> None:
    (tmp_path / "home" / "secret").write_text("x", encoding="utf-8")
    with _session(drop, password=PASSWORD) as client:
        for path in ("/../secret", "../../home/secret", "/etc/passwd", str(tmp_path / "home" / "secret")):
            with pytest.raises(FileNotFoundError):
                client.stat(path)
        with pytest.raises(PermissionError):
            client.symlink("/../secret", "/igate/dossiers/link")
    transport = paramiko.Transport(("127.0.0.1", drop))
    transport.connect(username="drop", password=PASSWORD)
    session = transport.open_session()
    with pytest.raises(paramiko.SSHException):
        session.exec_command("id")
    transport.close()


def test_the_servers_key_is_kept_and_private(drop: int, tmp_path: Path) -> None:
    del drop
    assert (tmp_path / "home" / "drop" / "host_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("login", [{}, {"password": "short"}, {"authorized_keys": "/nowhere/keys"}])
def test_it_does_not_start_without_a_proper_login(
    login: dict[str, str], make_settings: Callable[..., Settings]
) -> None:
    import asyncio

    with pytest.raises(WrongUse):
        asyncio.run(listen(make_settings(), DropSettings(port=0, **login)))
