"""Real servers on loopback for tests: SFTP, S3 and HTTP."""

from __future__ import annotations

import asyncio
import base64
import functools
import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import boto3
from moto.server import ThreadedMotoServer


@contextmanager
def sftp_server(root: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A real SFTP server on loopback: its address with credentials, and how to stop it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("nightly", "s3cret")

    async def listen() -> asyncssh.SSHAcceptor:
        key = asyncssh.generate_private_key("ssh-ed25519")
        return await asyncssh.create_server(
            Login,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fspath(root)),
        )

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)

    def stop() -> None:
        loop.call_soon_threadsafe(server.close)

    try:
        yield f"sftp://nightly:s3cret@127.0.0.1:{server.get_port()}/", stop
    finally:
        stop()
        time.sleep(0.05)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


@dataclass
class Web:
    """A web server with pages of links.

    ``breaks``: how many more downloads break off in the middle. ``with_ranges``: whether it can begin in
    the middle. ``asked``: method, path and range of every request.
    """

    address: str = ""
    breaks: int = 0
    with_ranges: bool = False
    login: str = ""
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)


class _Pages(http.server.SimpleHTTPRequestHandler):
    """Python's own server of folders, with faults to order."""

    def __init__(self, *args: Any, web: Web, **options: Any) -> None:
        self.web = web
        super().__init__(*args, **options)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.web.asked.append(("HEAD", self.path, self.headers.get("Range")))
        super().do_HEAD()

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.web.asked.append(("GET", self.path, asked))
        wanted = "Basic " + base64.b64encode(self.web.login.encode()).decode()
        if self.web.login and self.headers.get("Authorization") != wanted:
            self.send_error(401)
            return
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            super().do_GET()
            return
        data = path.read_bytes() if path.is_file() else None
        if data is None:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked and self.web.with_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Last-Modified", self.date_time_string(path.stat().st_mtime))
        self.end_headers()
        if self.web.breaks and len(data) - start > 1000:
            self.web.breaks -= 1
            self.wfile.write(data[start : start + (len(data) - start) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(data[start:])


@contextmanager
def web_server(root: Path) -> Iterator[Web]:
    """A real HTTP server on loopback that lists folders."""
    web = Web()
    handler = functools.partial(_Pages, web=web, directory=os.fspath(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    web.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def s3_server() -> Iterator[tuple[str, Any]]:
    """A real S3 server on loopback: its endpoint, and a client that fills it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="reader", aws_secret_access_key="s3cret"
    )
    try:
        yield endpoint, client
    finally:
        server.stop()
