"""The mail server's logs and its list of accounts (``domain.md`` §2.5)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import export_moment, period_name, periods
from pipelines.simulate.truth import NON_DATA, QUARANTINED, Truth

_MESSAGES = 620_000 / 16  # a month at scale 1.0; a message is about eight lines
_LOGINS = 1_000_000 / 16
_SYSTEM = ("galsync.x1", "spam.x2", "ham.x3", "virus-quarantine.x4")


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``mail/postfix``, ``mail/zimbra_audit`` (nightly in the last month) and ``mail/accounts``."""
    connection.execute(
        """
        create or replace table writer as
        select *, sum(mail_habit) over (order by staff_id) / sum(mail_habit) over ()
            - mail_habit / sum(mail_habit) over () as low
        from staff where mail_habit > 0.08
        """
    )
    lines = _Lines(connection, config, truth)
    for name, first, after in periods(config, nightly=True):
        days = (after - first).days
        share = days / 30.4 * config.scale
        lines.write("postfix", "mail", name, after, _postfix(first, days, round(_MESSAGES * share)))
        lines.write("zimbra_audit", "audit", name, after, _audit(first, days, round(_LOGINS * share)))
    for name, _, after in periods(config, nightly=False):
        _write_accounts(connection, config, truth, name, after)


class _Lines:
    """Writes log files: queries give (logged_at, seq, line)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
        self._connection, self._config, self._truth = connection, config, truth

    def write(self, stream: str, stem: str, name: str, after: date, query: str) -> None:
        folder = self._config.directory / "mail" / stream
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / period_name(stem, name, export_moment(after), "log")
        self._connection.execute(
            f"create or replace temp table lines as select row_number() over (order by logged_at, seq, line) as row, line, "
            f"null::varchar as kind from ({query})"
        )
        row = self._connection.execute("select count(*) from lines").fetchone()
        count = int(row[0]) if row else 0
        if self._config.dirt > 0 and count:
            self._make_dirty(str(path.relative_to(self._config.directory)))
        self._connection.execute(
            f"copy (select line from lines order by row) to '{path}' "
            "(format csv, header false, quote '', escape '', delimiter '\x01')"
        )
        self._truth.wrote(count)

    def _make_dirty(self, label: str) -> None:
        """Lines torn off or overwritten, between the whole ones."""
        self._connection.execute(
            f"""
            create or replace temp table lines as
            with torn as (
                select row + 0.5 as row, case when u('torn how', row) < 0.5 then '#033[2J' || substr(line, 40)
                    else '~' || left(line, 9) end as line, 'unparsed_line' as kind
                from lines where u('torn', row) < {self._config.dirt} / 20
            )
            select row_number() over (order by row) as row, line, kind
            from (select row::double as row, line, kind from lines union all select * from torn)
            """
        )
        self._truth.plant("select row, kind from lines where kind is not null", label, QUARANTINED)


def _moments(first: date, days: int, count: int, salt: str) -> str:
    """``count`` moments of (id, logged_at), most in office hours of working days."""
    return f"""
        with days as (
            select d, sum(activity) over (order by d) / sum(activity) over () - activity / sum(activity) over () as low
            from calendar where d >= date '{first}' and d < date '{first}' + {days}
        )
        select i + {first.toordinal() * 10_000_000} as id, case when u('{salt} off', i + {first.toordinal() * 10_000_000}) < 0.93
                then office_time(b.d, u('{salt} t', i + {first.toordinal() * 10_000_000}))
            else b.d + to_seconds(cast(floor(u('{salt} t', i + {first.toordinal() * 10_000_000}) * 86399) as bigint)) end as logged_at
        from range({count}) as t(i) asof join days as b on u('{salt} d', t.i + {first.toordinal() * 10_000_000}) >= b.low
    """


def _postfix(first: date, days: int, count: int) -> str:
    """Lines of messages: handed in, named, queued, delivered (some through the filter), removed; and noise."""
    stamp = "strftime({}, '%b ') || lpad(day({})::varchar, 2, ' ') || strftime({}, ' %H:%M:%S mail postfix/')"

    def line(moment: str, program: str, text: str) -> str:
        return f"{stamp.format(moment, moment, moment)} || '{program}[' || (1000 + id % 30000) || ']: ' || {text}"

    later, last = "logged_at + interval 1 second", "logged_at + interval 3 second"
    parts = [
        ("logged_at", 0, "smtpd", "'connect from ' || client", "true"),
        ("logged_at", 1, "smtpd", "qid || ': client=' || client || case when is_ours then ', sasl_method=LOGIN, sasl_username=' || sender "
         "else '' end", "true"),
        ("logged_at", 2, "cleanup", "qid || ': message-id=<' || mid || '>'", "true"),
        ("logged_at", 3, "qmgr", "qid || ': from=<' || sender || '>, size=' || size || ', nrcpt=1 (queue active)'", "true"),
        ("logged_at", 4, "smtpd", "'disconnect from ' || client || ' ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6'", "true"),
        (later, 5, "smtp", "qid || ': to=<' || recipient || '>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, "
         "delays=0.1/0/0/0.8, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ' "
         "|| qid2 || ')'", "is_filtered"),
        (later, 6, "dkimmilter/smtpd", "qid2 || ': client=localhost[127.0.0.1]'", "is_filtered"),
        (later, 7, "cleanup", "qid2 || ': message-id=<' || mid || '>'", "is_filtered"),
        (later, 8, "qmgr", "qid2 || ': from=<' || sender || '>, size=' || size + 500 || ', nrcpt=1 (queue active)'", "is_filtered"),
        (later, 9, "qmgr", "qid || ': removed'", "is_filtered"),
        (last, 10, "lmtp", "final || ': to=<' || recipient || '>, relay=mail.daklak.gov.vn[10.0.0.5]:7025, delay=1.2, "
         "delays=0.1/0/0.3/0.8, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)'", "fate >= 0.05"),
        (last, 10, "smtp", "final || ': to=<' || recipient || '>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, "
         "status=deferred (connect to gmail.com[142.250.1.1]:25: Connection timed out)'", "fate < 0.05 and fate >= 0.02"),
        (last, 10, "smtp", "final || ': to=<' || recipient || '>, relay=gmail.com[142.250.1.1]:25, delay=2, delays=0/0/1/1, "
         "dsn=5.1.1, status=bounced (host gmail.com[142.250.1.1] said: 550 5.1.1 no such user)'", "fate < 0.02"),
        (last, 11, "bounce", "final || ': sender non-delivery notification: ' || qid3", "fate < 0.02"),
        (last, 12, "qmgr", "final || ': removed'", "fate >= 0.05 or fate < 0.02"),
        (later, 13, "smtpd", "'NOQUEUE: reject: RCPT from unknown[45.9.1.2]: 554 5.7.1 Service unavailable; from=<' || "
         "'spam' || id % 977 || '@bad.example> to=<' || recipient || '> proto=ESMTP helo=<bad.example>'", "u('rejected', id) < 0.02"),
    ]  # fmt: skip
    union = " union all ".join(
        f"select {moment} as logged_at, {seq} as seq, {line(moment, program, text)} as line from mails where {condition}"
        for moment, seq, program, text, condition in parts
    )
    return f"""
        with moments as ({_moments(first, days, count, "mail")}),
        mails as materialized (
            select m.id, m.logged_at, u('ours', m.id) < 0.6 as is_ours, u('filtered', m.id) < 0.3 as is_filtered, u('fate', m.id) as fate,
                case when u('ours', m.id) < 0.6 then w.mail_address
                    else 'nguoidan' || between_u(1, 90000, u('citizen', m.id)) || '@gmail.com' end as sender,
                case when u('ours', m.id) < 0.6 and u('to', m.id) < 0.3
                    then 'nguoidan' || between_u(1, 90000, u('reader', m.id)) || '@gmail.com' else r.mail_address end as recipient,
                case when u('ours', m.id) < 0.6 then 'vpn.daklak.gov.vn[10.1.' || m.id % 250 || '.' || m.id % 199 || ']'
                    else 'mail-lj1.google.com[209.85.1.' || m.id % 250 || ']' end as client,
                between_u(900, 90000, u('size', m.id)) as size,
                left(upper(md5('a' || m.id)), 11) as qid, left(upper(md5('b' || m.id)), 11) as qid2,
                left(upper(md5('c' || m.id)), 11) as qid3,
                case when u('filtered', m.id) < 0.3 then left(upper(md5('b' || m.id)), 11) else left(upper(md5('a' || m.id)), 11) end
                    as final,
                left(md5('m' || m.id), 16) || '@mail.daklak.gov.vn' as mid
            from moments as m
            asof join writer as w on u('writer', m.id) >= w.low
            join staff as r on r.staff_id = w.agency_idx * 1000 + 1
        )
        {union}
    """


def _audit(first: date, days: int, count: int) -> str:
    """Logins: by people over soap, imap and pop3; failures, administrators, SMTP password checks."""
    return f"""
        with moments as ({_moments(first, days, count, "login")}),
        logins as (
            select m.id, m.logged_at, w.mail_address as account, u('how', m.id) as how, pick(['soap', 'imap', 'pop3'], u('proto', m.id))
                as protocol
            from moments as m asof join writer as w on u('who', m.id) >= w.low
        )
        select logged_at, 0 as seq, strftime(logged_at, '%Y-%m-%d %H:%M:%S,') || lpad((id % 1000)::varchar, 3, '0') || case
            when how < 0.04 then ' WARN  [qtp1-' || id % 500 || ':https://mail.daklak.gov.vn/service/soap/AuthRequest] [name=' || account
                || ';oip=113.161.' || id % 200 || '.' || id % 250 || ';ua=zclient/8.8.15;] security - cmd=Auth; account='
                || account || '; protocol=soap; error=authentication failed for [' || account || '], invalid password;'
            when how < 0.06 then ' INFO  [qtp2-' || id % 500 || ':https://10.0.0.5:7073/service/admin/soap/] '
                || '[ip=127.0.0.1;port=7073;oproto=smtp;] security - cmd=Auth; account=' || account || '; protocol=soap;'
            when how < 0.065 then ' INFO  [qtp3-' || id % 500 || ':https://10.0.0.5:7071/service/admin/soap/] '
                || '[name=admin@mail.daklak.gov.vn;ip=10.0.0.9;] security - cmd=AdminAuth; account=admin@mail.daklak.gov.vn;'
            when how < 0.07 then ' INFO  [qtp4-' || id % 500 || ':https://10.0.0.5:7071/service/admin/soap/] [name=' || account
                || ';ip=10.0.0.9;] security - cmd=DelegateAuth; account=admin@mail.daklak.gov.vn; delegateAccount=' || account || ';'
            when protocol = 'soap' then ' INFO  [qtp5-' || id % 500 || ':https://mail.daklak.gov.vn/service/soap/AuthRequest] [name='
                || account || ';oip=113.161.' || id % 200 || '.' || id % 250 || ';ua=zclient/8.8.15;] security - cmd=Auth; account='
                || account || '; protocol=soap;'
            else ' INFO  [' || case protocol when 'imap' then 'ImapSSLServer-' else 'Pop3SSLServer-' end || id % 300
                || '] [ip=10.0.0.5;oip=113.161.' || id % 200 || '.' || id % 250 || ';] security - cmd=Auth; account=' || account
                || '; protocol=' || protocol || ';' end as line
        from logins
    """


def _write_accounts(
    connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth, name: str, after: date
) -> None:
    """A list as zmaccts prints it: people, the offices' own mailboxes, system accounts, the summary."""
    folder = config.directory / "mail" / "accounts"
    folder.mkdir(parents=True, exist_ok=True)
    moment: datetime = export_moment(after)
    path: Path = folder / period_name("zmaccts", name, moment, "txt")
    system = ", ".join(f"'{s}@mail.daklak.gov.vn'" for s in _SYSTEM)
    connection.execute(
        f"""
        create or replace temp table listed as
        with accounts as (
            select staff_id as ord, mail_address as account, case when on_post_to < date '{after}' then 'closed'
                when u('locked', staff_id) < 0.01 then 'locked' else 'active' end as status,
                on_post_from::timestamp + interval 8 hour as created
            from staff
            union all select 1000000 + idx, 'vanthu@' || mail_domain, 'active', timestamp '2014-05-09 08:00:00' from agency
            union all select 2000000 + row_number() over (), unnest([{system}]), 'active', timestamp '2014-05-09 08:00:00'
        )
        select ord, rpad(account, 44, ' ') || ' ' || rpad(status, 12, ' ') || ' ' || strftime(created, '%m/%d/%y %H:%M') || '  '
            || case when u('never', ord) < 0.05 then 'never' else strftime(date '{after}' - between_u(1, 40, u('seen', ord)),
                '%m/%d/%y %H:%M') end as line
        from accounts
        union all select -2, '           account                          status             created       last logon'
        union all select -1, '------------------------------------   -----------   ---------------  ---------------'
        union all select 3000000, ''
        union all select 3000001, '                                 domain summary'
        union all select 3000002, '    domain                  active    closed    locked    maintenance     total'
        union all select 3000003, '-----------------------   --------  --------  --------  -------------  --------'
        union all select 3000003 + idx, mail_domain || '          ' || headcount || '   0   0   0   ' || headcount from agency
        """
    )
    connection.execute(
        f"copy (select line from listed order by ord) to '{path}' "
        "(format csv, header false, quote '', escape '', delimiter '\x01')"
    )
    row = connection.execute(
        "select count(*), min(rn) filter (where line = '') from (select row_number() over (order by ord) as rn, * from listed)"
    ).fetchone()
    if row and config.dirt > 0:
        truth.note(str(path.relative_to(config.directory)), int(row[1]), "blank", NON_DATA)
    truth.wrote(int(row[0]) if row else 0)
