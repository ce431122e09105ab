"""The lines of the mail server's logs, as SQL: which blocks an event gives, and the text of each.

``POSTFIX`` and ``AUDIT`` hold the query of the blocks, the query of the words in their lines, the text of a
block's lines, and that of the line which a torn copy is made of.
"""

from __future__ import annotations

# Syslog's day has no leading zero, and no year stands anywhere.
_STAMP = (
    "case when day(sort_at) < 10 then strftime(sort_at, '%b  %-d %H:%M:%S') "
    "else strftime(sort_at, '%b %d %H:%M:%S') end"
)


def _line(program: str, *parts: str) -> str:
    """The arguments of ``concat`` that make one line of Postfix."""
    return ", ".join(["stamp", f"' mail postfix/{program}['", "pid", "']: '", *parts, "chr(10)"])


def _hex(salt: str) -> str:
    """A queue id: twelve hexadecimal digits."""
    return f"left(to_hex(hash('{salt}', id) | 1152921504606846976), 12)"


# A message is handed in, named and queued (block 0); one in three goes through the filter and comes back
# under another queue id a second later (block 1, where a rejected stranger may follow); two seconds on it is
# delivered, put off or bounced (block 2).
_BLOCKS = """
    with mails as (
        select file, id, logged_at, s.item as staff_id, u('ours', id) < 0.6 as is_ours, u('filtered',
            id) < 0.3 as is_filtered,
            u('rejected', id) < 0.02 as is_rejected, u('fate', id) as fate
        from moment join writer_slot as s on s.slot = slot(u('writer', id))
    )
    select file, logged_at as sort_at, id, 0 as block, 5 as line_count, staff_id, is_ours, is_filtered,
        is_rejected, fate
    from mails
    union all
    select file, logged_at + interval 1 second, id, 1, case when is_filtered then 5
        else 0 end + is_rejected::integer, staff_id,
        is_ours, is_filtered, is_rejected, fate
    from mails where is_filtered or is_rejected
    union all
    select file, logged_at + interval 3 second, id, 2, case when fate < 0.02 then 3 when fate < 0.05 then 1
        else 2 end, staff_id,
        is_ours, is_filtered, is_rejected, fate
    from mails
"""
_SENDER = (
    "case when is_ours then w.mail_address "
    "else concat('nguoidan', between_u(1, 90000, u('citizen', id)), '@gmail.com') end"
)
_RECIPIENT = (
    "case when is_ours and u('to', id) < 0.3 "
    "then concat('nguoidan', between_u(1, 90000, u('reader', id)), '@gmail.com') "
    "else r.mail_address end"
)
_CLIENT = (
    "case when is_ours then concat('vpn.daklak.gov.vn[10.1.', id % 250, '.', id % 199, ']') "
    "else concat('mail-lj1.google.com[209.85.1.', id % 250, ']') end"
)
_SIZE = "between_u(900, 90000, u('size', id))"
_TOLD = f"""
    select block.rowid as place, file, id, block, torn, is_ours, is_filtered, is_rejected, fate,
        {_STAMP} as stamp, 1000 + id % 30000 as pid,
        {_hex("a")} as qid, {_hex("b")} as qid2, case when is_filtered then {_hex("b")} else {_hex("a")} end as final,
        concat(lower(to_hex(hash('m', id))), '@mail.daklak.gov.vn') as mid, {_SENDER} as sender,
            {_RECIPIENT} as recipient,
        {_CLIENT} as client, {_SIZE} as size
    from block join staff as w on w.staff_id = block.staff_id join staff as r on r.staff_id = w.agency_idx * 1000 + 1
"""
_QUEUED = _line("qmgr", "qid", "': from=<'", "sender", "'>, size='", "size", "', nrcpt=1 (queue active)'")
_HANDED_IN = [
    _line("smtpd", "'connect from '", "client"),
    _line(
        "smtpd",
        "qid",
        "': client='",
        "client",
        "case when is_ours then ', sasl_method=LOGIN, sasl_username=' || sender else '' end",
    ),
    _line("cleanup", "qid", "': message-id=<'", "mid", "'>'"),
    _QUEUED,
    _line("smtpd", "'disconnect from '", "client", "' ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6'"),
]
_FILTERED = [
    _line(
        "smtp",
        "qid",
        "': to=<'",
        "recipient",
        "'>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.1/0/0/0.8, dsn=2.0.0, status=sent (250 2.0.0 from "
        "MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as '",
        "qid2",
        "')'",
    ),
    _line("dkimmilter/smtpd", "qid2", "': client=localhost[127.0.0.1]'"),
    _line("cleanup", "qid2", "': message-id=<'", "mid", "'>'"),
    _line("qmgr", "qid2", "': from=<'", "sender", "'>, size='", "size + 500", "', nrcpt=1 (queue active)'"),
    _line("qmgr", "qid", "': removed'"),
]
_REJECTED = _line(
    "smtpd",
    "'NOQUEUE: reject: RCPT from unknown[45.9.1.2]: 554 5.7.1 Service unavailable; from=<spam'",
    "id % 977",
    "'@bad.example> to=<'",
    "recipient",
    "'> proto=ESMTP helo=<bad.example>'",
)
_BOUNCED = [
    _line(
        "smtp",
        "final",
        "': to=<'",
        "recipient",
        "'>, relay=gmail.com[142.250.1.1]:25, delay=2, delays=0/0/1/1, dsn=5.1.1, status=bounced (host "
        "gmail.com[142.250.1.1] said: 550 5.1.1 no such user)'",
    ),
    _line("bounce", "final", "': sender non-delivery notification: '", _hex("c")),
    _line("qmgr", "final", "': removed'"),
]
_DEFERRED = _line(
    "smtp",
    "final",
    "': to=<'",
    "recipient",
    "'>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to gmail.com[142.250.1.1]:25: "
    "Connection timed out)'",
)
_DELIVERED = [
    _line(
        "lmtp",
        "final",
        "': to=<'",
        "recipient",
        "'>, relay=mail.daklak.gov.vn[10.0.0.5]:7025, delay=1.2, delays=0.1/0/0.3/0.8, dsn=2.1.5, status=sent "
        "(250 2.1.5 Delivery OK)'",
    ),
    _line("qmgr", "final", "': removed'"),
]
_TEXT = f"""case
    when block = 0 then concat({", ".join(_HANDED_IN)})
    when block = 1 then concat(case when is_filtered then concat({", ".join(_FILTERED)}) else '' end,
        case when is_rejected then concat({_REJECTED}) else '' end)
    when fate < 0.02 then concat({", ".join(_BOUNCED)})
    when fate < 0.05 then concat({_DEFERRED})
    else concat({", ".join(_DELIVERED)}) end"""
POSTFIX = (_BLOCKS, _TOLD, _TEXT, f"concat({_QUEUED})")

_LOGINS = """
    select file, logged_at as sort_at, id, 0 as block, 1 as line_count, s.item as staff_id
    from moment join writer_slot as s on s.slot = slot(u('who', id))
"""
_LOGIN_TOLD = """
    select block.rowid as place, file, id, block, torn,
        concat(strftime(sort_at, '%Y-%m-%d %H:%M:%S,'), lpad((id % 1000)::varchar, 3, '0')) as stamp,
        w.mail_address as account, u('how', id) as how, pick(['soap', 'imap', 'pop3'], u('proto', id)) as protocol,
        id % 500 as thread, concat('113.161.', id % 200, '.', id % 250) as oip
    from block join staff as w on w.staff_id = block.staff_id
"""
_SOAP = "':https://mail.daklak.gov.vn/service/soap/AuthRequest] [name=', account, ';oip=', oip, ';ua=zclient/8.8.15;]'"
_ADMIN = "':https://10.0.0.5:7071/service/admin/soap/]'"
_AUTH = "' security - cmd=Auth; account=', account"
_CONSOLE = "admin@mail.daklak.gov.vn"
# Failures, the mail server's own password checks, administrators, and then people over soap, imap and pop3.
_LOGIN = f"""case
    when how < 0.04 then concat(stamp, ' WARN  [qtp1-', thread, {_SOAP}, {_AUTH},
        '; protocol=soap; error=authentication failed for [', account, '], invalid password;', chr(10))
    when how < 0.06 then concat(stamp, ' INFO  [qtp2-', thread, ':https://10.0.0.5:7073/service/admin/soap/] ',
        '[ip=127.0.0.1;port=7073;oproto=smtp;]', {_AUTH}, '; protocol=soap;', chr(10))
    when how < 0.065 then concat(stamp, ' INFO  [qtp3-', thread, {_ADMIN}, ' [name={_CONSOLE};ip=10.0.0.9;]',
        ' security - cmd=AdminAuth; account={_CONSOLE};', chr(10))
    when how < 0.07 then concat(stamp, ' INFO  [qtp4-', thread, {_ADMIN}, ' [name=', account, ';ip=10.0.0.9;]',
        ' security - cmd=DelegateAuth; account={_CONSOLE}; delegateAccount=', account, ';', chr(10))
    when protocol = 'soap' then concat(stamp, ' INFO  [qtp5-', thread, {_SOAP}, {_AUTH}, '; protocol=soap;', chr(10))
    else concat(stamp, ' INFO  [', case protocol when 'imap' then 'Imap' else 'Pop3' end, 'SSLServer-', id % 300,
        '] [ip=10.0.0.5;oip=', oip, ';]', {_AUTH}, '; protocol=', protocol, ';', chr(10)) end"""
AUDIT = (_LOGINS, _LOGIN_TOLD, _LOGIN, _LOGIN)
