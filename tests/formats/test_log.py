"""Lines of Postfix, of Zimbra's audit log and of zmaccts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.formats.taken_in import prepared

Make = Callable[..., Settings]
POSTFIX = """\
Dec 31 23:59:58 mx postfix/smtpd[1]: 4A1B2C: client=pc.local[10.0.0.5], sasl_method=PLAIN, sasl_username=an@so.vn
Dec 31 23:59:59 mx postfix/cleanup[2]: 4A1B2C: message-id=<abc@so.vn>
Jan  1 00:00:01 mx postfix/qmgr[3]: 4A1B2C: from=<an@so.vn>, size=1500, nrcpt=1 (queue active)
Jan  1 00:00:02 mx postfix/smtp[4]: 4A1B2C: to=<binh@tinh.vn>, orig_to=<b@tinh.vn>, relay=m[1.2.3.4]:25, delay=0.3, \
delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99ZZ)
Jan  1 00:00:03 mx postfix/qmgr[3]: 4A1B2C: removed
Jan  1 00:00:04 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[9.9.9.9]: 554 5.7.1 no; from=<a@b.c> to=<d@e.f> proto=ESMTP
Jan  1 00:00:05 mx postfix/smtpd[1]: connect from pc.local[10.0.0.5]

Jan  1 00:00:06 mx postfix/smtp[4]: 5F: to=<lạ>, status=sent
một dòng lạ
"""  # noqa: E501 - log lines are as long as they are


def test_each_line_of_postfix_is_a_row_or_says_why_not(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.postfix", "mail_20200101_20200102T010000.log", POSTFIX)
    assert package.rows("_row_number", "event", "queue_id", "delivery_status", "queued_as") == [
        (1, "client", "4A1B2C", None, None),
        (2, "message_id", "4A1B2C", None, None),
        (3, "sender", "4A1B2C", None, None),
        (4, "delivery", "4A1B2C", "sent", "99ZZ"),
        (5, "removed", "4A1B2C", None, None),
        (6, "reject", None, None, None),
    ]
    assert package.rejects() == [(9, "unparsed_line"), (10, "unparsed_line")]
    assert package.non_data == {"noise": 1, "blank": 1}
    size, count = package.rows("size_bytes", "recipient_count")[2]
    assert (size, count) == ("1500", "1")


@pytest.mark.parametrize(
    ("period", "years"),
    [("20200101", ("2019", "2020")), ("20191231", ("2019", "2020")), ("202001", ("2019", "2020"))],
)
def test_lines_across_the_turn_of_the_year_get_their_own_year(
    make_settings: Make, period: str, years: tuple[str, str]
) -> None:
    package = prepared(make_settings(), "mail.postfix", f"mail_{period}_20200102T010000.log", POSTFIX)
    moments = package.column("logged_at")
    assert moments[:2] == [f"{years[0]}-12-31 23:59:58", f"{years[0]}-12-31 23:59:59"]
    assert moments[2:4] == [f"{years[1]}-01-01 00:00:01", f"{years[1]}-01-01 00:00:02"]


def test_a_leap_day_has_a_moment(make_settings: Make) -> None:
    text = "Feb 29 12:00:00 mx postfix/qmgr[3]: 4A1B2C: removed\n"
    package = prepared(make_settings(), "mail.postfix", "mail_20200229_20200301T010000.log", text)
    assert package.column("logged_at") == ["2020-02-29 12:00:00"]


def test_a_name_without_a_period_takes_the_year_of_the_export(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.postfix", "mail_all_20200102T010000.log", POSTFIX)
    assert package.column("logged_at")[:3] == ["2019-12-31 23:59:58", "2019-12-31 23:59:59", "2020-01-01 00:00:01"]


def test_moments_with_an_offset_become_local_time(make_settings: Make) -> None:
    written = ("2020-01-01T02:00:00.5+01:00", "2020-01-01T01:00:00Z")
    text = "".join(f"{moment} mx postfix/qmgr[3]: A1: removed\n" for moment in written)
    package = prepared(make_settings(), "mail.postfix", "mail_20200101_20200102T010000.log", text)
    assert package.column("logged_at") == ["2020-01-01 08:00:00", "2020-01-01 08:00:00"]


AUDIT = """\
2020-01-02 08:00:01,123 INFO  [qtp1-2:https://m/service/soap] [name=an@so.vn;oip=10.0.0.7;ua=zclient/8.8;] security - cmd=Auth; account=an@so.vn; protocol=soap;
2020-01-02 08:00:02,123 WARN  [qtp1-3] [name=an@so.vn;ip=10.0.0.8;port=7073;oproto=smtp;] security - cmd=Auth; account=an@so.vn; protocol=soap; error=authentication failed for [an@so.vn], invalid password;
một dòng lạ
"""  # noqa: E501 - log lines are as long as they are


def test_logins_with_their_error_and_origin(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.zimbra_audit", "audit_20200102_20200103T010000.log", AUDIT)
    rows = package.rows("_row_number", "logged_at", "command", "protocol", "error", "port", "original_protocol")
    assert rows[0] == (1, "2020-01-02 08:00:01", "Auth", "soap", None, None, None)
    assert rows[1][:4] == (2, "2020-01-02 08:00:02", "Auth", "soap")
    assert str(rows[1][4]).startswith("authentication failed for")
    assert rows[1][5:] == ("7073", "smtp")
    assert package.rejects() == [(3, "unparsed_line")]
    accounts = set(package.column("account"))
    assert len(accounts) == 1
    assert accounts.pop().endswith("@so.vn")


ACCOUNTS = """\
            account                          status             created       last logon
------------------------------------   -----------     ---------------  ---------------
an@so.vn                               active          12/31/19 08:00   01/02/20 09:15
binh@so.vn                             closed          01/05/19 08:00   never

                         domain summary

    domain                    active    closed    total
    so.vn                          1         1        2
"""


def test_accounts_as_zmaccts_prints_them(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.accounts", "zmaccts_202001_20200201T010000.txt", ACCOUNTS)
    assert package.rows("_row_number", "status", "created_at", "last_logon_at") == [
        (3, "active", "2019-12-31 08:00:00", "2020-01-02 09:15:00"),
        (4, "closed", "2019-01-05 08:00:00", None),
    ]
    assert package.rejects() == []


def test_a_sheet_is_no_log(make_settings: Make) -> None:
    package = prepared(make_settings(), "mail.postfix", "mail.log", b"PK\x03\x04 zip")
    assert "is no log" in (package.result.refusal or "")


def test_a_log_with_bytes_that_are_no_text_still_gives_its_other_lines(make_settings: Make) -> None:
    lines = [f"Jan  1 00:00:{n % 60:02d} mx postfix/qmgr[3]: A{n}: removed\n".encode() for n in range(8000)]
    lines[7000] = b"Jan  1 00:00:05 mx postfix/qmgr[3]: A\xff\xfe: removed\n"
    package = prepared(make_settings(), "mail.postfix", "mail_20200101_20200102T010000.log", b"".join(lines))
    assert package.result.refusal is None
    assert (package.result.rows, package.rejects()) == (7999, [(7001, "unparsed_line")])


def test_a_log_in_utf_16_and_with_mixed_line_ends(make_settings: Make, tmp_path: Path) -> None:
    mixed = POSTFIX.replace("\n", "\r\n", 3)
    plain = prepared(make_settings(home=tmp_path / "a"), "mail.postfix", "mail_202001_20200102T010000.log", POSTFIX)
    dresses = (b"\xff\xfe" + mixed.encode("utf-16-le"), mixed.encode(), b"\xef\xbb\xbf" + mixed.encode())
    for number, data in enumerate(dresses):
        home = tmp_path / str(number)
        package = prepared(make_settings(home=home), "mail.postfix", "mail_202001_20200102T010000.log", data)
        assert package.rows("_row_number", "event", "sender") == plain.rows("_row_number", "event", "sender")
        assert package.rejects() == plain.rejects()


def test_a_log_larger_than_the_memory_is_read_in_the_order_of_its_lines(make_settings: Make) -> None:
    lines = 1_200_000
    text = "".join(f"Jan  4 08:00:00 mail postfix/qmgr[7]: {n:016X}: removed\n" for n in range(lines))
    settings = make_settings(memory_limit="170MB", workers=1)
    package = prepared(settings, "mail.postfix", "mail_202001_20200201T010000.log", text.encode())
    assert (package.result.refusal, package.result.rows) == (None, lines)
    assert [number for (number,) in package.rows("_row_number")] == list(range(1, lines + 1))
