"""The list of mail accounts as zmaccts prints it: people, the offices' own mailboxes, system accounts, the summary."""

from __future__ import annotations

import duckdb

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import stream_lines
from pipelines.simulate.files import ExportFile, FileWriter, file_name, periods
from pipelines.simulate.truth import NON_DATA, Truth

_SYSTEM = ("galsync.x1", "spam.x2", "ham.x3", "virus-quarantine.x4")


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``mail/accounts``, a list for each month."""
    months = periods(config, nightly=False)
    folder = config.directory / "mail" / "accounts"
    files = [ExportFile(p.number, folder / file_name("zmaccts", p.name, p.exported_at, "txt")) for p in months]
    lists = ", ".join(f"({p.number}, date '{p.after}')" for p in months)
    connection.execute(
        f"""
        create or replace temp table listed as
        with account as (
            select staff_id as ord, mail_address as account, on_post_to,
                on_post_from::timestamp + interval 8 hour as created from staff
            union all select 1000000 + idx, 'vanthu@' || mail_domain, null, timestamp '2014-05-09 08:00:00' from agency
            union all select 2000000 + n, name || '@mail.daklak.gov.vn', null, timestamp '2014-05-09 08:00:00'
            from (select unnest({list(_SYSTEM)}) as name, generate_subscripts({list(_SYSTEM)}, 1) as n)
        ),
        line as (
            select file, ord, concat(rpad(account, 44, ' '), ' ', rpad(case when on_post_to < after then 'closed'
                    when u('locked', ord) < 0.01 then 'locked' else 'active' end, 12, ' '), ' ',
                strftime(created, '%m/%d/%y %H:%M'), '  ', case when u('never', ord) < 0.05 then 'never'
                    else strftime(after - between_u(1, 40, u('seen', ord)), '%m/%d/%y %H:%M') end) as line
            from account, (values {lists}) as l(file, after)
            union all
            select file, ord, line from (values {lists}) as l(file, after), (
                values (-2, '           account                          status             created       last logon'),
                    (-1, '------------------------------------   -----------   ---------------  ---------------'),
                    (3000000, ''),
                    (3000001, '                                 domain summary'),
                    (3000002, '    domain                  active    closed    locked    maintenance     total'),
                    (3000003, '-----------------------   --------  --------  --------  -------------  --------')
                ) as t(ord, line)
            union all
            select file, 3000003 + idx, concat(mail_domain, '          ', headcount, '   0   0   0   ', headcount)
            from agency, (values {lists}) as l(file, after)
        )
        select * from line order by file, ord
        """
    )
    writer = FileWriter(files)
    lines = "select rowid as place, file::integer as number, line || chr(10) as line from listed"
    stream_lines(connection, lines, writer)
    writer.finish(len(files) - 1)
    found = connection.execute(
        "select file, count(*), min(rowid) filter (line = '') - min(rowid) + 1 from listed group by file order by file"
    ).fetchall()
    for file, (_, lines, blank) in zip(files, found, strict=True):
        truth.wrote(int(lines))
        if config.dirt > 0:
            truth.note(str(file.path.relative_to(config.directory)), int(blank), "blank", NON_DATA)
