"""Logs as they were found on servers: other stamps and versions, repeated lines, holes, other programs among them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.settings import Settings
from tests.formats.taken_in import prepared

Make = Callable[..., Settings]
NAME = "x_202108_20210901T010000.log"
QUEUED = "Aug 31 00:21:35 mail postfix/qmgr[2]: ABCDEF12: from=<a@so.vn>, size=1, nrcpt=1 (queue active)\n"
LOGGED_IN = "Aug 31 00:21:36 mail dovecot[9]: imap-login: Logged in: user=<an@so.vn>, method=PLAIN, rip=1.2.3.4, TLS\n"
DELIVERED = (
    "2021-08-02 16:49:04,242 INFO  [LmtpServer-1] [ip=10.0.0.5;] lmtp - Delivering message: "
    "size=840 bytes, nrcpts=1, sender=an@so.vn, msgid=<m{}@so.vn>\n"
)


def test_a_login_of_dovecot_in_the_words_of_either_version(make_settings: Make) -> None:
    text = LOGGED_IN + LOGGED_IN.replace("Logged in:", "Login:")
    package = prepared(make_settings(), "mail.dovecot", NAME, text)
    assert package.column("event") == ["login", "login"]
    assert len(set(package.column("account"))) == 1


def test_stamps_and_levels_of_a_log_that_dovecot_writes_itself(make_settings: Make) -> None:
    text = (
        "2021-08-11 03:56:42 imap-login: Info: Login: user=<an@so.vn>, method=PLAIN, rip=1.2.3.4, lip=10.0.0.1\n"
        "Aug 13 15:25:07 Info: auth(default): pam(an@so.vn,::ffff:1.2.3.4): pam_authenticate() failed: User not known\n"
        "Aug 13 15:25:08 Info: IMAP(an@so.vn): Disconnected: Logged out bytes=59/566\n"
    )
    package = prepared(make_settings(), "mail.dovecot", NAME, text)
    assert package.rows("logged_at", "event") == [
        ("2021-08-11 03:56:42", "login"),
        ("2021-08-13 15:25:07", "wrong_password"),
    ]
    assert package.non_data == {"noise": 1}


def test_lines_that_the_syslog_folded(make_settings: Make) -> None:
    failed = "warning: unknown[1.2.3.4]: SASL LOGIN authentication failed: UGFz, sasl_username=an@so.vn"
    text = (
        f"Aug 31 00:21:30 mail postfix/smtpd[1]: {failed}\n"
        f"Aug 31 00:21:33 mail postfix/smtpd[1]: message repeated 2 times: [ {failed}]\n"
        "Aug 31 00:21:33 mail last message repeated 2 times\n"
        "Aug 31 00:21:34  dovecot: last message repeated 2 times\n"
        "Aug 31 00:41:34 mail -- MARK --\n"
    )
    package = prepared(make_settings(), "mail.postfix", NAME, text)
    assert package.column("event") == ["sasl_failed", "sasl_failed"]
    assert len(set(package.column("sasl_username"))) == 1
    assert (package.rejects(), package.non_data) == ([], {"other_program": 3})


def test_bytes_that_are_no_text_hold_back_their_line_alone(make_settings: Make, tmp_path: Path) -> None:
    odd = b"Aug 31 00:21:34 mail postfix/qmgr[2]: ABCDEF\xff\xfe: from=<a@so.vn>, size=1, nrcpt=1 (queue active)\n"
    data = QUEUED.encode() * 30 + odd + QUEUED.encode()
    package = prepared(make_settings(), "mail.postfix", NAME, data)
    assert (package.result.refusal, package.result.rows, package.rejects()) == (None, 31, [(31, "unparsed_line")])
    (tmp_path / "mail.log").write_bytes(data)
    assert inspect_file(tmp_path / "mail.log").stream == "mail.postfix"


def test_a_log_in_utf_16_is_known(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_bytes((QUEUED * 9).encode("utf-16"))
    assert inspect_file(tmp_path / "mail.log").stream == "mail.postfix"


@pytest.mark.parametrize("hole", [b"\0", b"\0" * 4096, b"\0" * 300_000, b"\0" * (5 << 20)])
def test_a_line_after_a_hole_of_zeros_is_read(make_settings: Make, tmp_path: Path, hole: bytes) -> None:
    data = DELIVERED.format(1).encode() * 3 + hole + DELIVERED.format(2).encode()
    package = prepared(make_settings(), "mail.zimbra_mailbox", NAME, data)
    assert (package.result.refusal, package.result.rows, package.rejects()) == (None, 4, [])
    (tmp_path / "mailbox.log").write_bytes(data[: 1 << 20])  # `inspect` looks at what is no longer than a line may be
    assert inspect_file(tmp_path / "mailbox.log").stream == "mail.zimbra_mailbox"


def test_zeros_in_what_is_no_log_are_no_text(make_settings: Make) -> None:
    refusal = prepared(make_settings(), "igate.dossiers", "a.csv", b"Ma ho so,Ngay\n1,2\0\n" * 9).result.refusal
    assert "is not text" in (refusal or "")


def test_a_failure_that_the_mailbox_log_tells_twice_is_one(make_settings: Make) -> None:
    head = "2021-08-03 10:02:13,041 INFO  [qtp1-9] [oip=1.2.3.4;] "
    text = (
        f"{head}account - Error occurred during authentication: authentication failed for [an@so.vn]. Reason: x.\n"
        f"{head}SoapEngine - handler exception: authentication failed for [an@so.vn], account not found\n"
    )
    package = prepared(make_settings(), "mail.zimbra_mailbox", NAME, text)
    assert (package.column("event"), package.rejects()) == (["failed_login"], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dec 11 10:44:45 mail sendmail[3]: x: from=<a@so.vn>, size=9\nDec 11 10:44:46 mail imap[4]: y\n", "sendmail"),
        ("2021-08-31 00:21:33 1mKq2h-0001aB-2C <= an@so.vn H=mail [1.2.3.4] P=esmtp S=900\n", "main log of Exim"),
    ],
)
def test_a_log_of_another_program_is_named(make_settings: Make, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "maillog").write_text(text)
    found = inspect_file(tmp_path / "maillog")
    assert (found.format, found.stream) == ("log", None)
    assert said in (found.refusal or "")
    refusal = prepared(make_settings(), "mail.zimbra_audit", NAME, text).result.refusal or ""
    assert said in refusal
    assert "no contract covers" in refusal


def test_a_syslog_that_two_contracts_share_belongs_to_both(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text((QUEUED * 2 + LOGGED_IN) * 5)
    found = inspect_file(tmp_path / "mail.log")
    assert found.stream == "mail.postfix"
    assert "mail.dovecot too" in found.described


def test_mail_among_many_lines_of_others_is_found(tmp_path: Path) -> None:
    (tmp_path / "syslog").write_text("Aug 31 00:21:33 mail kernel: [1.0] eth0 up\n" * 900 + QUEUED)
    assert inspect_file(tmp_path / "syslog").stream == "mail.postfix"


def test_a_log_of_nothing_but_noise_is_known_by_its_program(tmp_path: Path) -> None:
    (tmp_path / "mail.err").write_text("Jan 24 06:32:47 mail postfix/smtp[8377]: fatal: unknown service: smtp/tcp\n")
    assert inspect_file(tmp_path / "mail.err").stream == "mail.postfix"
