"""Logs that real servers wrote (``../shared/fixtures``): every line a row, a declared non-data line or a reject.

The counts are those of the folder's MANIFEST.md, which were made by other means than ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.formats.taken_in import Package, prepared

Make = Callable[..., Settings]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
POSTFIX = ["postfix_iso8601_amavis", "postfix_bsd_bounces", "postfix_mixed_bsd_iso_rejects"]
ZIMBRA = ["zimbra_maillog_send_receive_a", "zimbra_zimbralog_wrapped_lines", "zimbra_mail_fixture_ru"]
AUDIT = ["fixture_ru", "versions_6_to_10", "bruteforce", "four_shapes"]


def _real(name: str) -> bytes:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: these tests need the shared folder of real files beside the checkout"
    return path.read_bytes()


def _postfix(settings: Settings, name: str) -> Package:
    data = _real(f"{name}.log")
    package = prepared(settings, "mail.postfix", f"{name}_201412_20150101T010000.log", data)
    assert package.result.refusal is None
    assert package.result.rows_in_file == data.count(b"\n")
    return package


def _audit(settings: Settings, name: str) -> Package:
    data = _real(f"zimbra_audit_{name}.log")
    package = prepared(settings, "mail.zimbra_audit", f"{name}_all_20260902T010000.log", data)
    assert package.result.refusal is None
    assert package.result.rows_in_file == len(data.splitlines())
    return package


def _zimbra(settings: Settings, name: str) -> Package:
    package = prepared(settings, "mail.postfix", f"{name}_all_20260902T010000.log", _real(f"{name}.log"))
    assert package.result.refusal is None
    return package


def _counts(package: Package) -> dict[str, int]:
    """The figures of the manifest, from our rows."""
    rows = package.rows(
        "event", "delivery_status", "queue_id", "message_id", "sender", "sasl_username", "original_recipient"
    )
    events, statuses = Counter(r[0] for r in rows), Counter(r[1] for r in rows if r[1])
    return {
        "sent": statuses["sent"],
        "bounced": statuses["bounced"],
        "deferred": statuses["deferred"],
        "removed": events["removed"],
        "reject": events["reject"],
        "bounce_notice": events["bounce_notice"],
        "from_lines": events["sender"],
        "null_sender": sum(r[0] == "sender" and r[4] is None for r in rows),
        "sasl_ok": sum(r[5] is not None for r in rows),
        "sasl_names": len({r[5] for r in rows} - {None}),
        "orig_to": sum(r[6] is not None for r in rows),
        "message_ids": len({r[3] for r in rows if r[0] == "message_id"}),
        "queue_ids": len({r[2] for r in rows} - {None}),
    }


def test_a_mail_server_with_amavis(make_settings: Make) -> None:
    package = _postfix(make_settings(), "postfix_iso8601_amavis")
    found = _counts(package)
    wanted = {"sent": 56, "bounced": 0, "deferred": 0, "removed": 56, "reject": 13, "null_sender": 4, "sasl_ok": 4}
    assert {k: found[k] for k in wanted} == wanted
    assert (found["message_ids"], found["queue_ids"]) == (28, 56)
    assert package.rejects() == []
    assert package.non_data["other_program"] == 40, "the lines of amavis, and they alone"
    sent = package.rows("relay", "remark", "queued_as")
    sent = [r for r in sent if r[0] is not None]
    hops = [r for r in sent if str(r[0]).startswith("127.0.0.1") and r[1] == "queued as"]
    others = Counter(r[1] for r in sent if r not in hops)
    assert (len(hops), others) == (27, Counter({None: 27, "forwarded as": 1, "discarded": 1}))
    assert {r[0] for r in sent if r[1] is None} == {"dovecot"}
    assert package.column("logged_at")[0].startswith("2023-03-15 12:0"), "06:00 in Berlin is 12:00 in Vietnam"


def test_a_hosting_relay_with_bounces(make_settings: Make) -> None:
    package = _postfix(make_settings(), "postfix_bsd_bounces")
    found = _counts(package)
    expired = 19  # lines `from=<…>, status=expired`, a kind of their own: they name no recipient
    assert Counter(package.column("event"))["expired"] == expired
    wanted = {
        **{"sent": 592, "bounced": 69, "deferred": 19, "removed": 679, "reject": 9, "bounce_notice": 176},
        **{"from_lines": 312 - expired, "null_sender": 88, "sasl_ok": 32, "sasl_names": 1, "orig_to": 117},
        **{"message_ids": 285, "queue_ids": 681},
    }
    assert found == wanted
    assert package.rejects() == []
    assert {m[:10] for m in package.column("logged_at")} == {"2014-12-15"}


def test_two_kinds_of_dates_in_one_file(make_settings: Make) -> None:
    package = _postfix(make_settings(), "postfix_mixed_bsd_iso_rejects")
    assert Counter(package.column("event")) == {"reject": 4, "sasl_failed": 1}
    assert package.non_data == {"noise": 2}
    rejected = [m for m, event in package.rows("logged_at", "event") if event == "reject"]
    assert rejected[1:3] == ["2024-08-26 08:33:38", "2024-08-25 19:31:56"]


def _sent(package: Package) -> tuple[int, int, int]:
    """Lines sent, those of them that hand over to the filter, and messages by Message-ID."""
    rows = package.rows("delivery_status", "relay", "queued_as", "message_id")
    sent = [r for r in rows if r[0] == "sent"]
    hops = [r for r in sent if str(r[1]).startswith("127.0.0.1") and r[2]]
    return len(sent), len(hops), len({r[3] for r in rows} - {None})


def test_zimbra_sends_and_receives(make_settings: Make) -> None:
    package = _zimbra(make_settings(), "zimbra_maillog_send_receive_a")
    assert package.result.rows_in_file == 55
    found = _counts(package)
    assert (found["queue_ids"], found["removed"], found["reject"]) == (7, 7, 0)
    assert _sent(package) == (7, 3, 4)
    assert package.rejects() == []
    assert {p.rsplit("/", 1)[0] for p in package.column("program") if "smtpd" in p} == {
        "postfix",
        "postfix/amavisd",
        "postfix/dkimmilter",
    }


def test_zimbra_from_a_narrow_terminal(make_settings: Make) -> None:
    package = _zimbra(make_settings(), "zimbra_zimbralog_wrapped_lines")
    assert package.result.rows_in_file == 59
    found = _counts(package)
    assert (found["queue_ids"], found["removed"]) == (5, 4)
    assert _sent(package) == (5, 3, 2)
    assert package.rejects() == []
    assert package.non_data["blank"] == 1
    assert package.result.rows + package.non_data["noise"] == 41, "lines of Postfix"
    domains = {str(r).rsplit("@", 1)[1] for r in package.column("recipient") if r}
    assert domains == {"gmail.com", "tudv3.tudv.xyz"}


def test_zimbra_of_a_monitoring_project(make_settings: Make) -> None:
    package = _zimbra(make_settings(), "zimbra_mail_fixture_ru")
    assert package.result.rows_in_file == 19
    found = _counts(package)
    wanted = {"queue_ids": 7, "message_ids": 4, "from_lines": 6, "sent": 2, "deferred": 1, "reject": 1, "sasl_ok": 1}
    assert {k: found[k] for k in wanted} == wanted
    assert _sent(package)[:2] == (2, 1)
    assert sorted({m[:10] for m in package.column("logged_at")}) == ["2026-08-20", "2026-09-01"]


@pytest.mark.parametrize(("name", "ok", "failed", "accounts"), [("fixture_ru", 2, 3, 4), ("versions_6_to_10", 7, 0, 6)])
def test_logins(make_settings: Make, name: str, ok: int, failed: int, accounts: int) -> None:
    package = _audit(make_settings(), name)
    errors = package.column("error")
    assert (errors.count(None), len(errors) - errors.count(None)) == (ok, failed)
    assert len(set(package.column("account"))) == accounts
    assert package.rejects() == []


def test_protocols_of_seven_versions(make_settings: Make) -> None:
    package = _audit(make_settings(), "versions_6_to_10")
    assert Counter(package.column("protocol")) == {"soap": 3, "pop3": 3, "zsync": 1}
    assert None not in package.column("client_ip")


@pytest.mark.parametrize(("name", "failed", "accounts", "other"), [("bruteforce", 7, 6, 0), ("four_shapes", 3, 2, 1)])
@pytest.mark.parametrize("stream", ["zimbra_audit", "zimbra_mailbox"])
def test_passwords_guessed(make_settings: Make, stream: str, name: str, failed: int, accounts: int, other: int) -> None:
    data = _real(f"zimbra_audit_{name}.log")
    package = prepared(make_settings(), f"mail.{stream}", f"{name}_all_20260902T010000.log", data)
    rows = package.rows("error", "account", "client_ip", "original_protocol", "port")
    assert [r[0] for r in rows] == ["authentication failed"] * failed
    assert len({r[1] for r in rows}) == accounts
    assert None not in [r[2] for r in rows]
    assert package.result.non_data == other, "a handler exception that is neither a login nor a failure by itself"
    assert package.rejects() == []
    if name == "bruteforce":
        assert Counter((r[3], r[4]) for r in rows) == {("smtp", "7073"): 6, (None, "7071"): 1}


def test_an_smtp_password_check_is_told_by_its_port(make_settings: Make) -> None:
    package = _audit(make_settings(), "fixture_ru")
    assert package.rows("original_protocol", "port")[:4] == [
        ("smtp", "7073"),
        ("smtp", "7073"),
        (None, None),
        (None, "7071"),
    ]


@pytest.mark.parametrize("name", [f"{n}.log" for n in POSTFIX + ZIMBRA] + [f"zimbra_audit_{n}.log" for n in AUDIT])
def test_no_address_or_person_leaves_landing(make_settings: Make, name: str) -> None:
    import re

    data = _real(name)
    stream = "mail.zimbra_audit" if "audit" in name else "mail.postfix"
    package = prepared(make_settings(), stream, f"x_201412_20150101T010000_{name}", data)
    addresses = set(re.findall(rb"[\w.+-]+@[\w-]+\.[\w.-]+", data))
    kept = {
        value.encode()
        for column in _texts(package)
        for value in package.column(f'"{column}"')
        if isinstance(value, str)
    }
    for address in addresses:
        whole = re.compile(rb"(?<![\w.+-])" + re.escape(address))
        assert not any(whole.search(value) for value in kept), address


def _texts(package: Package) -> list[str]:
    import duckdb

    described = duckdb.execute("describe from read_parquet($1)", [str(package.folder / "rows.parquet")]).fetchall()
    return [d[0] for d in described if d[0] != "_source_file"]
