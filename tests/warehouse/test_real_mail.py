"""Real logs (``../shared/fixtures``) through prepare and staging: messages and logins as MANIFEST.md counts them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import Settings
from tests.formats.taken_in import prepared
from tests.warehouse.rendered import mail_of

Make = Callable[..., Settings]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"


@pytest.fixture
def staged(make_settings: Make, tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    """The staging models over real files, given as ``stream=[names]``."""

    def make(**files: list[str]) -> duckdb.DuckDBPyConnection:
        packages: dict[str, list[Path]] = {}
        for stream, names in files.items():
            for name in names:
                path = FIXTURES / name
                assert path.is_file(), f"{path} is missing: this test needs the shared folder beside the checkout"
                settings = make_settings(home=tmp_path / name)
                dropped = f"{path.stem.replace('_', '-')}_all_20260902T010000{path.suffix}"
                package = prepared(settings, f"mail.{stream}", dropped, path.read_bytes())
                packages.setdefault(stream, []).append(package.folder / "rows.parquet")
        return mail_of(packages)

    return make


def _messages(connection: duckdb.DuckDBPyConnection) -> dict[str | None, int]:
    return dict(
        connection.execute("select delivery_status, count(*) from staging.stg_mail__messages group by 1").fetchall()
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        # 56 sent = 27 hop + 1 forwarded + 1 discarded + 27 delivered
        ("postfix_iso8601_amavis.log", {"sent": 27, "discarded": 1}),
        # each of the 19 put off was given up in the window; one message nobody had tried to deliver yet
        ("postfix_bsd_bounces.log", {"sent": 592, "bounced": 69, "expired": 19, None: 1}),
        ("zimbra_maillog_send_receive_a.log", {"sent": 4}),
        ("zimbra_zimbralog_wrapped_lines.log", {"sent": 2}),
        ("zimbra_mail_fixture_ru.log", {"sent": 1, "deferred": 1, None: 4}),
    ],
)
def test_deliveries_of_postfix(staged: Any, name: str, counts: dict[str | None, int]) -> None:
    assert _messages(staged(postfix=[name])) == counts


def test_a_log_exported_twice_gives_the_same_messages(staged: Any, tmp_path: Path) -> None:
    name = "postfix_iso8601_amavis.log"
    once = staged(postfix=[name])
    (rows,) = (tmp_path / name).rglob("rows.parquet")
    assert _messages(mail_of({"postfix": [rows, rows]})) == _messages(once)


def test_messages_are_counted_by_message_and_not_by_queue(staged: Any) -> None:
    mail = staged(postfix=["zimbra_mail_fixture_ru.log"])
    senders = "select count(distinct message_key) from staging.stg_mail__messages where sender is not null"
    assert _one(mail, f"{senders} and accepted_at >= '2026-08-31'") == 4, "six queues, as the fixture's author expects"
    assert _one(mail, "select count(*) from staging.stg_mail__messages where submitted_by is not null") == 1


def test_a_message_whose_beginning_lies_before_the_window_is_no_notice(staged: Any) -> None:
    mail = staged(postfix=["postfix_bsd_bounces.log"])
    notices = "select count(distinct message_key) from staging.stg_mail__messages where is_notice"
    queued = "select count(distinct queue_id) from staging.stg_mail__postfix_events where event = 'sender'"
    null_senders = f"{queued} and sender is null"
    assert _one(mail, notices) == _one(mail, null_senders) == 88


def test_messages_of_exchange(staged: Any) -> None:
    mail = staged(exchange_tracking=["exchange_msgtrk_no_header.csv"])
    assert _messages(mail) == {"sent": 2, None: 2}, "HAREDIRECTFAIL and NOTIFYMAPI are no user mail"


def test_logins_of_every_product(staged: Any) -> None:
    audits = [f"zimbra_audit_{n}.log" for n in ("fixture_ru", "versions_6_to_10", "bruteforce", "four_shapes")]
    mail = staged(zimbra_audit=audits, dovecot=["dovecot_logins.log"], postfix=["postfix_bsd_bounces.log"])
    found = mail.execute(
        "select product, is_failed, is_human_use, count(*) from staging.stg_mail__logins group by all order by all"
    ).fetchall()
    assert found == [
        ("dovecot", False, True, 1),
        ("dovecot", True, False, 12),  # thirteen lines, of which two tell of one failure
        ("postfix", False, False, 32),
        ("zimbra", False, False, 1),  # at the administrators' console
        ("zimbra", False, True, 8),
        ("zimbra", True, False, 13),
    ]
