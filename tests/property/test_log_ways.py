"""A line in two steps, prefix and rest, says what the one pattern of its contract says."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.formats.log import log_rows_sql
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from tests.examples import examples
from tests.formats.taken_in import prepared

_STREAMS = ("mail.postfix", "mail.zimbra_audit", "mail.zimbra_mailbox", "mail.dovecot", "mail.accounts")
_PREFIXES = (
    "Jan  1 00:00:01 mx postfix/qmgr[3]: ", "2020-01-01T00:00:01+07:00 mx postfix/smtpd[1]: ", "Jan  1 00:00:01 mx ",
    "2020-01-01 00:00:01,123 INFO  [qtp-1:https://10.0.0.1:443/service/soap] [name=an@so.vn;oip=1.2.3.4;] ",
    "2020-01-01 00:00:01,123 INFO  [a] [b] x] [ip=1.2.3.4;] ", "Jan  1 00:00:01 mx dovecot: imap-login: Info: ",
    "Jan 01 00:00:01 pop3(an@so.vn)<1><a>: ", "", " ",
)  # fmt: skip
_PARTS = (
    "4A1B2C: ", "to=<an@so.vn>, ", "orig_to=<b@so.vn>, ", "relay=m[1.2.3.4]:25, ", "delay=1, dsn=2.0.0, status=sent",
    " (250 Ok: queued as 99ZZ)", "from=<an@so.vn>, size=15, nrcpt=1", "removed", "client=pc[1.2.3.4]",
    ", sasl_method=PLAIN", ", sasl_username=an", "message-id=<a@b>", "warning: pc: SASL LOGIN authentication failed: x",
    "NOQUEUE: reject: RCPT ", "sender non-delivery notification: 5F", "an@so.vn active - ", "never",
    "Login: user=<an@so.vn>, method=PLAIN, ", "Info: ", "[a] [b] ", "] [c] ",
    "security - cmd=Auth; account=an@so.vn; protocol=soap; error=no; ", "soap - ", " ", ": ", "lạ", "x",
    "authentication failed for [an@so.vn]",
)  # fmt: skip
_LINE = st.tuples(st.sampled_from(_PREFIXES), st.lists(st.sampled_from(_PARTS), min_size=1, max_size=5))


@pytest.mark.parametrize("stream", _STREAMS)
@settings(max_examples=examples(10), deadline=None)
@given(lines=st.lists(_LINE.map(lambda line: line[0] + "".join(line[1])), min_size=1, max_size=60))
def test_in_two_steps_as_in_one(stream: str, lines: list[str]) -> None:
    contract = contract_for(*stream.split("."))
    assert contract.log is not None
    shapes = [n for n, s in enumerate(contract.log.shapes) if s.data]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'")
        connection.execute(
            "create table raw as select row_number() over () as rn, line, shape "
            f"from (select unnest($1::varchar[]) as line), (select unnest({shapes}) as shape)",
            [lines],
        )
        two, one = (
            connection.execute(log_rows_sql(contract, contract.log, joined=j) + " order by rn").fetchall()
            for j in (False, True)
        )
    # What fits in two steps fits in one, and is the same.
    assert [a for a in two if a[-1]] == [b for a, b in zip(two, one, strict=True) if a[-1]]


def test_a_line_that_fits_in_one_step_alone_is_a_row_in_its_place(make_settings: Callable[..., Settings]) -> None:
    prefix = "2020-01-01 00:00:0{},123 INFO  [t{}] [ip=1.2.3.4;] "
    login = "security - cmd=Auth; account=an@so.vn; protocol=soap;\n"
    text = prefix.format(1, "") + login + prefix.format(2, "] [ip=9.9.9.9;] x") + login + prefix.format(3, "") + login
    package = prepared(make_settings(), "mail.zimbra_audit", "audit_20200101_20200102T010000.log", text)
    assert package.rows("_row_number", "thread") == [(1, "t"), (2, "t] [ip=9.9.9.9;] x"), (3, "t")]
    assert package.rejects() == []
