"""The systems' drop: an SFTP server that shows the inbox and nothing else.

Source systems upload to ``/<source>/<stream>/``; ``cchc collect`` takes from there, through the same
server (``CCHC_INBOX=sftp://…``) or from the folder itself. There is no default password.
"""

from __future__ import annotations

import asyncio
import hmac
import signal
import sys
from functools import partial
from pathlib import Path

import asyncssh
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.airflow_environment import private_file
from deploy.commands import exit_code_of
from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home

_SHORTEST_PASSWORD = 12
_MOST_LOGIN_SECONDS = 30


class DropSettings(BaseSettings):
    """Settings of the drop, read from ``CCHC_DROP_…``."""

    model_config = SettingsConfigDict(env_prefix="CCHC_DROP_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Where it listens.")
    port: int = Field(2222, ge=0, le=65535, description="0 takes any free port.")
    user: str = Field("drop", description="Name of the login.")
    password: SecretStr | None = Field(None, description="At least 12 characters.")
    authorized_keys: Path | None = Field(None, description="Public keys that may log in, as in OpenSSH.")
    folder: Path | None = Field(None, description="What it shows; HOME/inbox when not set.")
    host_key: Path | None = Field(None, description="The server's own key; made in HOME/drop when not set.")


class _Door(asyncssh.SSHServer):
    """Who may come in: the user with the password, or the holder of a key that the file names."""

    def __init__(self, settings: DropSettings) -> None:
        self._settings = settings

    def begin_auth(self, username: str) -> bool:
        del username  # nobody comes in without proof, whatever the name
        return True

    def password_auth_supported(self) -> bool:
        return self._settings.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        wanted = self._settings.password.get_secret_value() if self._settings.password else ""
        same = hmac.compare_digest(password.encode(), wanted.encode())
        return bool(wanted) and same and username == self._settings.user


class _Inbox(asyncssh.SFTPServer):
    """The inbox as the only thing there is; links could lead out of it, so there are none."""

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied("Links are not allowed here.")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied("Links are not allowed here.")


async def listen(settings: Settings, drop: DropSettings) -> asyncssh.SSHAcceptor:
    """Start the server; the caller closes it.

    Raises:
        WrongUse: neither a password nor keys are set, the password is short, or the port is taken.
    """
    _check(drop)
    folder = (drop.folder or Home(settings.home).inbox).resolve()
    for contract in all_contracts():
        (folder / contract.source / contract.stream).mkdir(parents=True, exist_ok=True)
    key = drop.host_key or settings.home.resolve() / "drop" / "host_key"
    try:
        return await asyncssh.listen(
            drop.host,
            drop.port,
            server_factory=partial(_Door, drop),
            server_host_keys=[str(_host_key(key))],
            authorized_client_keys=str(drop.authorized_keys) if drop.authorized_keys else None,
            sftp_factory=partial(_Inbox, chroot=str(folder).encode()),
            login_timeout=_MOST_LOGIN_SECONDS,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
        )
    except OSError as error:
        raise WrongUse(
            f"The drop cannot listen on {drop.host}:{drop.port}: {error.strerror}.",
            next_step="Set CCHC_DROP_PORT to another one.",
        ) from error


def _check(drop: DropSettings) -> None:
    if drop.password is None and drop.authorized_keys is None:
        raise WrongUse(
            "The drop has neither a password nor keys, so anybody or nobody could come in.",
            next_step="Set CCHC_DROP_PASSWORD or CCHC_DROP_AUTHORIZED_KEYS.",
        )
    if drop.password is not None and len(drop.password.get_secret_value()) < _SHORTEST_PASSWORD:
        raise WrongUse(
            f"The drop's password is shorter than {_SHORTEST_PASSWORD} characters.",
            next_step="Set CCHC_DROP_PASSWORD to a longer one.",
        )
    if drop.authorized_keys is not None and not drop.authorized_keys.is_file():
        raise WrongUse(
            f"The file of keys {drop.authorized_keys} is not there.",
            next_step="Look at CCHC_DROP_AUTHORIZED_KEYS.",
        )


def _host_key(path: Path) -> Path:
    """The server's key, made once: clients remember it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        private_file(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    return path


async def serve(settings: Settings, drop: DropSettings) -> None:
    """Run until SIGTERM or Ctrl-C."""
    server = await listen(settings, drop)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.write(f"The drop listens on {drop.host}:{server.get_port()} for {drop.user}.\n")
    sys.stdout.flush()
    await stop.wait()
    server.close()
    await server.wait_closed()


def main() -> int:
    """Serve; the exit code of the error's class when something is wrong."""
    return exit_code_of(lambda: asyncio.run(serve(Settings(), DropSettings())))


if __name__ == "__main__":
    sys.exit(main())
