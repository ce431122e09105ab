"""Mail logs of products beside Postfix: Dovecot, Exchange, Zimbra's mailbox.log, lists of ``zmprov``."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from tests.formats.taken_in import Package, prepared

Make = Callable[..., Settings]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"


def _real(name: str) -> bytes:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: these tests need the shared folder of real files beside the checkout"
    return path.read_bytes()


# --- Dovecot ---------------------------------------------------------------------------------------------------------


def _dovecot(settings: Settings) -> Package:
    return prepared(settings, "mail.dovecot", "dovecot_202410_20241031T010000.log", _real("dovecot_logins.log"))


def test_logins_and_failures_of_dovecot(make_settings: Make) -> None:
    package = _dovecot(make_settings())
    assert package.rejects() == []
    assert Counter(package.column("event")) == {
        **{"login": 1, "auth_failed": 5, "unknown_user": 5, "wrong_password": 3, "no_attempt": 1}
    }
    rows = package.rows("event", "account", "client_ip", "logged_at")
    assert [r[1] is None for r in rows] == [r[0] == "no_attempt" for r in rows]
    assert None not in [r[2] for r in rows]
    assert None not in [r[3] for r in rows]
    assert rows[0][3] == "2024-09-08 07:46:30", "a single-digit day after one blank"
    assert rows[13][3] == "2024-12-31 12:56:17"
    kept = next(r[1] for r in rows if r[0] == "login")
    assert kept.endswith("@yourdomain.net")


def test_no_password_of_dovecot_reaches_anything_after_landing(make_settings: Make) -> None:
    settings = make_settings()
    package = _dovecot(settings)
    assert package.result.rows == 15
    for path in settings.home.rglob("*"):
        if path.is_file() and not {"inbox", "landing"} & set(path.relative_to(settings.home).parts):
            data = path.read_bytes()
            assert b"Password123" not in data, path
            assert b"21bd12" not in data, path
    # Snappy may cut text apart: the values are looked at as well.
    columns = [c.name for c in contract_for("mail", "dovecot").columns]
    values = {str(v) for row in package.rows(*columns) for v in row}
    assert not any("Password123" in v or "21bd12" in v for v in values)


def test_dovecot_with_a_log_of_its_own(make_settings: Make) -> None:
    text = (
        "Mar 01 08:00:00 imap-login: Info: Login: user=<an@so.vn>, method=PLAIN, rip=10.0.0.1, lip=10.0.0.2, TLS\n"
        "Mar 01 08:00:01 imap(an@so.vn)<12><abc>: Info: Logged out in=1 out=2\n"
        "Mar 01 08:00:02 auth-worker(7): Info: sql(binh@so.vn,10.0.0.1): Password mismatch\n"
        "Mar 01 08:00:03 mail postfix/qmgr[3]: A1: removed\n"
        "một dòng lạ\n"
    )
    package = prepared(make_settings(), "mail.dovecot", "dovecot_202103_20210401T010000.log", text)
    assert package.rows("_row_number", "event", "program") == [
        (1, "login", "imap-login"),
        (3, "wrong_password", "auth-worker"),
    ]
    assert package.non_data == {"noise": 1, "other_program": 1}
    assert package.rejects() == [(5, "unparsed_line")]


# --- Exchange --------------------------------------------------------------------------------------------------------

_NAME = "msgtrk_202501_20250131T010000.log"


def test_message_tracking_without_a_header(make_settings: Make) -> None:
    data = _real("exchange_msgtrk_no_header.csv")
    package = prepared(make_settings(), "mail.exchange_tracking", _NAME, data)
    assert package.result.refusal is None
    assert (package.result.rows, package.result.rows_in_file) == (6, 6)
    rows = package.rows("event", "occurred_at", "recipients", "size_bytes", "message_id", "sender")
    events = {"RECEIVE": 2, "SEND": 1, "SENDEXTERNAL": 1, "HAREDIRECTFAIL": 1, "NOTIFYMAPI": 1}
    assert Counter(r[0] for r in rows) == events
    assert rows[0][1] == "2024-01-25 22:16:09", "UTC becomes local time"
    assert [r[3] for r in rows] == ["15054", "7229", "8251", "38663", "136349", None]
    assert rows[5][2] is None, "an event without recipients"
    assert rows[4][5] is None, "<> is no sender"
    assert len({r[4] for r in rows}) == 6


def test_a_message_id_is_one_with_and_without_brackets(make_settings: Make, tmp_path: Path) -> None:
    records = list(csv.reader(_real("exchange_msgtrk_no_header.csv").decode().splitlines()))
    record = records[3]
    assert not record[10].startswith("<")
    dressed = [*record[:10], f"<{record[10]}>", *record[11:]]
    path = tmp_path / "both.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([record, dressed])
    package = prepared(make_settings(), "mail.exchange_tracking", _NAME, path.read_bytes())
    assert len(set(package.column("message_id"))) == 1


_FIELDS = "#Fields: event-id,date-time,source,message-id,recipient-address,sender-address,total-bytes,message-subject"


def _tracking(*lines: str) -> str:
    head = (
        "#Software: Microsoft Exchange Server",
        "#Version: 15.0.0.0",
        "#Log-type: Message Tracking Log",
        "#Date: 2025-01-14T00:00:00.000Z",
    )
    return "\ufeff" + "".join(f"{line}\r\n" for line in (*head, _FIELDS, *lines))


def test_message_tracking_with_its_fields_in_another_order(make_settings: Make) -> None:
    line = 'DELIVER,2025-01-14T20:30:00.123Z,STOREDRIVER,<m1@so.vn>,An@so.vn;binh@so.vn;an@so.vn,c@so.vn,7,"mật, ""x"""'
    health = "SEND,2025-01-14T20:30:00.123Z,SMTP,<m2@so.vn>,HealthMailbox0a1b@so.vn,healthmailbox0a1b@so.vn,7,probe"
    package = prepared(make_settings(), "mail.exchange_tracking", _NAME, _tracking(line, "#Date: x", health))
    assert package.rows("event", "occurred_at") == [("DELIVER", "2025-01-15 03:30:00"), ("SEND", "2025-01-15 03:30:00")]
    first, second = package.rows("recipients", "sender", "subject")
    addresses = first[0].split(";")
    assert [a.split("@")[1] for a in addresses] == ["so.vn"] * 3
    assert addresses[0] == addresses[2] != addresses[1], "each address is hashed by itself, without regard to case"
    assert all(a.startswith("p_") for a in addresses)
    assert first[2] is None
    assert second[:2] == ("healthmailbox0a1b@so.vn", "healthmailbox0a1b@so.vn"), "probes of the server are no person"
    assert package.result.non_data == 6


def test_logs_with_other_fields_one_after_the_other_are_refused(make_settings: Make) -> None:
    line = "DELIVER,2025-01-14T20:30:00.123Z,STOREDRIVER,<m1@so.vn>,an@so.vn,cuc@so.vn,7,x"
    text = _tracking(line, _FIELDS.replace("event-id,date-time", "date-time,event-id"), line)
    refusal = prepared(make_settings(), "mail.exchange_tracking", _NAME, text).result.refusal
    assert "several logs with different fields" in (refusal or "")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("exchange_imap4_protocol.log", "Exchange IMAP4 protocol log"),
        ("exchange_pop3_protocol.log", "Exchange POP3 protocol log"),
        ("exchange_smtp_receive_protocol.log", "Exchange SMTP protocol log"),
    ],
)
@pytest.mark.parametrize("stream", ["mail.exchange_tracking", "mail.postfix", "mail.dovecot", "mail.zimbra_audit"])
def test_a_log_that_no_contract_covers_is_named_and_refused(
    make_settings: Make, stream: str, name: str, kind: str
) -> None:
    package = prepared(make_settings(), stream, f"x_202207_20220801T010000_{name}", _real(name))
    assert f"{kind}, which no contract covers" in (package.result.refusal or "")
    assert package.result.rows == 0
    found = inspect_file(FIXTURES / name)
    assert (found.stream, found.format) == (None, "log")
    assert kind in (found.refusal or "")


def test_a_protocol_log_that_says_so_is_named(make_settings: Make) -> None:
    text = "#Software: Microsoft Exchange Server\r\n#Log-type: SMTP Send Protocol Log\r\n#Fields: date-time,data\r\n"
    refusal = prepared(make_settings(), "mail.exchange_tracking", _NAME, text).result.refusal
    assert "“SMTP Send Protocol Log”, which no contract covers" in (refusal or "")


# --- Zimbra ----------------------------------------------------------------------------------------------------------

MAILBOX = """\
\tat cut.off.Trace(Trace.java:1)
2021-03-01 08:00:00,001 INFO  [LmtpServer-11] [name=an@so.vn;mid=68;ip=10.0.0.5;] lmtp - Delivering message: size=14228 bytes, nrcpts=2, sender=x@y.vn, msgid=<m1@y.vn>
2021-03-01 08:00:01,001 INFO  [qtp1-5:https://m/service/soap/SendMsgRequest] [name=an@so.vn;mid=68;oip=1.2.3.4, 5.6.7.8;ua=x (y);] smtp - Sending message to MTA at mail.so.vn: Message-ID=<m2@so.vn>, replyType=r
2021-03-01 08:00:02,001 INFO  [ImapSSLServer-3] [ip=10.0.0.5;oip=1.2.3.4;via=nginx;] imap - user an@so.vn authenticated, mechanism=PLAIN [TLS]
2021-03-01 08:00:03,001 WARN  [qtp1-9] [name=an@so.vn;] SoapEngine - handler exception
com.zimbra.common.service.ServiceException: system failure
\tat com.zimbra.soap.SoapEngine.dispatch(SoapEngine.java:1)

Caused by: java.lang.Exception: an@so.vn
2021-03-01 08:00:04,001 INFO  [qtp1-9:https://m:7071/service/admin/soap/] [name=an@so.vn;aname=admin@so.vn;] SoapEngine - handler exception: authentication failed for [an], invalid password
"""  # noqa: E501 - log lines are as long as they are


def test_mailbox_log_with_a_trace(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.zimbra_mailbox", "mailbox_20210301_20210302T010000.log", MAILBOX)
    rows = package.rows("_row_number", "event", "protocol", "size_bytes", "recipient_count", "error", "port")
    assert rows == [
        (2, "delivery", None, "14228", "2", None, None),
        (3, "submission", None, None, None, None, None),
        (4, "login", "imap", None, None, None, None),
        (10, "failed_login", None, None, None, "authentication failed", "7071"),
    ]
    assert package.non_data == {"noise": 1, "continuation": 3, "blank": 1}
    assert package.rejects() == [(1, "unparsed_line")], "a line that goes on with an entry that is not there"
    people = package.rows("mailbox", "account", "acting_admin")
    assert people[0][0] == people[1][0] == people[2][1] == people[3][0]
    assert people[3][2] is not None


def test_the_client_stands_before_the_proxy(make_settings: Make, tmp_path: Path) -> None:
    line = "2021-03-01 08:00:00,001 INFO  [Pop3-1] [{}] security - cmd=Auth; account=an@so.vn; protocol=pop3;\n"
    both = prepared(
        make_settings(home=tmp_path / "a"),
        "mail.zimbra_audit",
        "audit_202103_20210401T010000.log",
        line.format("ip=10.0.0.5;oip=1.2.3.4, 5.6.7.8;") + line.format("ip=1.2.3.4;") + line.format("ip=10.0.0.5;"),
    )
    first, second, third = both.column("client_ip")
    assert first == second != third


def test_names_of_the_system_are_no_persons(make_settings: Make) -> None:
    line = "2021-03-01 08:00:00,001 INFO  [Pop3-1] [ip=10.0.0.5;] security - cmd=Auth; account={}; protocol=pop3;\n"
    accounts = ("galsync@so.vn", "spam.fm8oggybdc@so.vn", "zimbra@so.vn", "ham.nguyen@so.vn", "zimbrabui@so.vn")
    text = "".join(line.format(a) for a in accounts)
    package = prepared(make_settings(), "mail.zimbra_audit", "audit_202103_20210401T010000.log", text)
    kept = package.column("account")
    assert kept[:3] == list(accounts[:3])
    assert all(a.startswith("p_") for a in kept[3:])


# --- Lists of accounts -----------------------------------------------------------------------------------------------

BLOCKS = """\
# name an@so.vn
cn: An
displayName: Nguyễn Văn An
zimbraAccountStatus: active
zimbraCreateTimestamp: 20200102030405Z
zimbraLastLogonTimestamp: 20210102203040.123Z

# name binh@so.vn
mail: binh@so.vn
zimbraAccountStatus: closed
zimbraCreateTimestamp: 20190105010000Z

"""


def test_accounts_with_their_attributes(make_settings: Make, tmp_path: Path) -> None:
    package = prepared(make_settings(), "mail.accounts", "gaa_202101_20210201T010000.txt", BLOCKS)
    assert package.rows("_row_number", "status", "created_at", "last_logon_at") == [
        (1, "active", "2020-01-02 10:04:05", "2021-01-03 03:30:40"),
        (8, "closed", "2019-01-05 08:00:00", None),
    ]
    assert package.non_data == {"continuation": 8, "blank": 2}
    assert package.rejects() == []
    path = tmp_path / "list.txt"
    path.write_text(BLOCKS, encoding="utf-8")
    assert inspect_file(path).stream == "mail.accounts"


def test_accounts_by_their_addresses_alone(make_settings: Make, tmp_path: Path) -> None:
    text = "an@so.vn\nbinh@so.vn\ngalsync.abc@so.vn\nkhông phải địa chỉ @\n"
    package = prepared(make_settings(), "mail.accounts", "gaa_202101_20210201T010000.txt", text)
    assert package.rows("status", "created_at") == [(None, None)] * 3
    assert package.column("account")[2] == "galsync.abc@so.vn"
    assert package.rejects() == [(4, "unparsed_line")]
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    assert inspect_file(path).stream == "mail.accounts"


# --- Which is which --------------------------------------------------------------------------------------------------

KINDS = {
    **{"postfix_iso8601_amavis.log": "mail.postfix", "postfix_bsd_bounces.log": "mail.postfix"},
    **{"postfix_mixed_bsd_iso_rejects.log": "mail.postfix", "zimbra_maillog_send_receive_a.log": "mail.postfix"},
    **{"zimbra_zimbralog_wrapped_lines.log": "mail.postfix", "zimbra_mail_fixture_ru.log": "mail.postfix"},
    **{"zimbra_audit_fixture_ru.log": "mail.zimbra_audit", "zimbra_audit_versions_6_to_10.log": "mail.zimbra_audit"},
    **{"zimbra_audit_bruteforce.log": "mail.zimbra_audit", "zimbra_audit_four_shapes.log": "mail.zimbra_audit"},
    **{"dovecot_logins.log": "mail.dovecot", "exchange_msgtrk_no_header.csv": "mail.exchange_tracking"},
}


@pytest.mark.parametrize(("name", "stream"), KINDS.items())
def test_each_product_is_told_apart(name: str, stream: str) -> None:
    _real(name)
    found = inspect_file(FIXTURES / name)
    assert (found.stream, found.refusal) == (stream, None)


def test_a_mailbox_log_is_told_from_an_audit_log(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(MAILBOX, encoding="utf-8")
    assert inspect_file(path).stream == "mail.zimbra_mailbox"


@pytest.mark.parametrize(("name", "stream"), KINDS.items())
def test_a_log_in_the_wrong_place_is_refused_and_its_place_named(make_settings: Make, name: str, stream: str) -> None:
    wrong = "mail.dovecot" if stream != "mail.dovecot" else "mail.postfix"
    refusal = prepared(make_settings(), wrong, f"x_202101_20210201T010000_{name}", _real(name)).result.refusal
    assert f"it looks like {stream}" in (refusal or "")
