"""``cchc sql``: what a query gives in each form, what is refused, and the prompt."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from pipelines.cli.sql_answers import Shown, show
from pipelines.cli.sql_prompt import Names, prompt
from pipelines.client import Marts
from pipelines.client.statements import is_whole, stoppable
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_name
from tests.cli.conftest import CCHC, Program

ASKED = "select agency_code, is_ranked, valid_to from dim_agency where agency_code in ('H15.07', 'H15.31') order by 1"


def test_an_answer_in_each_form(filled: Program, tmp_path: Path) -> None:
    piped = filled("sql", ASKED)
    assert (piped.code, piped.err) == (0, "")
    assert list(csv.reader(io.StringIO(piped.out))) == [
        ["agency_code", "is_ranked", "valid_to"],
        ["H15.07", "true", ""],
        ["H15.31", "false", ""],
    ]
    rows = [{"agency_code": "H15.07", "is_ranked": True, "valid_to": None}]
    rows.append({"agency_code": "H15.31", "is_ranked": False, "valid_to": None})
    assert json.loads(filled("sql", ASKED, "--format", "json").out) == rows
    told = filled("sql", ASKED, "--json").json
    assert told["rows"] == rows
    assert told["snapshot"] == current_name(Home(filled.home))
    assert [c["type"] for c in told["columns"]] == ["VARCHAR", "BOOLEAN", "DATE"]
    assert "| H15.07 | true |  |" in filled("sql", ASKED, "--format", "markdown").out
    shown = filled("sql", ASKED, "--format", "table", "--rows", "1").out
    assert "NULL" in shown
    assert "1 more of 2 rows" in shown
    assert "H15.31" not in shown
    path = tmp_path / "answer.parquet"
    assert filled("sql", ASKED, "-o", str(path), "--json").json == {"written": str(path)}
    assert pq.read_table(path).to_pylist() == rows  # type: ignore[no-untyped-call]


def test_raw_values_reach_the_pipe_unrounded(filled: Program) -> None:
    out = filled(
        "sql", "select 1234567.125::double as x, 0.1::decimal(18, 4) as y, timestamp '2020-01-31 08:00' as z"
    ).out
    assert out.splitlines() == ["x,y,z", "1234567.125,0.1000,2020-01-31 08:00:00"]


def test_a_reader_that_has_seen_enough_is_no_fault(filled: Program) -> None:
    environment = filled.environment()
    with subprocess.Popen(
        [CCHC, "sql", "from rpt_indicator"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"indicator_code,")
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


def test_json_knows_no_infinity(filled: Program) -> None:
    assert filled("sql", "select 1 / 0 as x, 'nan'::double as y, 0.5::double as z", "--json").json["rows"] == [
        {"x": None, "y": None, "z": 0.5}
    ]


def test_a_long_query_is_stopped_at_once(marts: Marts) -> None:
    endless = (
        "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range + c.range = 7"
    )
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        stoppable(marts.connection, lambda: show(marts.sql(endless), Shown("csv", 0)))
    assert marts.sql("select 1").fetchall() == [(1,)]


def test_a_file_and_stdin(filled: Program, tmp_path: Path) -> None:
    path = tmp_path / "queries.sql"
    path.write_text("-- two\nselect 1 as one; select 2 as two;", encoding="utf-8")
    shown = filled("sql", "-f", str(path), "--format", "markdown").out
    assert "| one |" in shown
    assert "| two |" in shown
    assert filled("sql", "-f", str(path)).code == 2, "one CSV holds one answer"
    with mock.patch("sys.stdin", io.StringIO("select 3 as three")):
        assert filled("sql").out == "three\n3\n"
    assert filled("sql", "-f", str(tmp_path / "none.sql")).code == 2


WRITES = [
    "delete from dim_agency",
    "create table x as select 1",
    "copy (select 1) to '{folder}/x.csv'",
    "copy (pivot dim_agency on level using count(*)) to '{folder}/x.csv'",
    "explain analyze copy (select 1) to '{folder}/x.csv'",
    "/* why */ explain (analyze) copy (select 1) to '{folder}/x.csv'",
    "export database '{folder}'",
    "attach '{folder}/x.duckdb'",
    "set temp_directory = '{folder}'",
    "call enable_logging(storage_path = '{folder}')",
    "install httpfs",
    "select 1; drop table dim_agency",
]


@pytest.mark.parametrize("query", WRITES)
def test_writes_are_refused(filled: Program, tmp_path: Path, query: str) -> None:
    ended = filled("sql", query.format(folder=tmp_path))
    assert ended.code == 2
    assert ended.out == ""
    assert "read-only" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("select agency from dim_agency", "agency_code"),
        ("select * from rpt_indicatr", 'Did you mean "rpt_indicator"?'),
        ("selct 1", "selct"),
        ("select 1\n\nfrom from", "(line 3)"),
        ("select 'a'::int from dim_agency", "Could not convert"),
        ("", "no query"),
    ],
)
def test_a_query_that_makes_no_sense_is_told_in_a_line(filled: Program, query: str, hint: str) -> None:
    ended = filled("sql", query, "--format", "table")
    assert ended.code == 2
    assert hint in ended.err
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) <= 2


def test_what_reads_is_let_through(filled: Program, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("agency_code,colour\nH15.07,red\n", encoding="utf-8")
    for query in (
        "describe dim_agency",
        "summarize rpt_survey",
        "explain analyze select 1",
        "pivot dim_agency on level using count(*) group by is_ranked",
        f"select colour, agency_name from read_csv('{own}') join dim_agency using (agency_code)",
    ):
        ended = filled("sql", query)
        assert ended.code == 0, ended.err
        assert len(ended.out.splitlines()) > 1


def test_before_the_first_publication(fresh: Program) -> None:
    ended = fresh("sql", "select 1")
    assert ended.code == 2
    assert "cchc run" in ended.err
    assert not fresh.home.exists()


def test_what_ends_a_query() -> None:
    whole = ["select 1;", "select 'hồ' ;", ".tables", "", "select ';';"]
    assert [t for t in whole if not is_whole(t)] == []
    going_on = ["select 1", "select 'a;", 'select "a;', "select 1 -- ;", "select 1 /* ;"]
    assert [t for t in going_on if is_whole(t)] == []


@pytest.fixture
def marts(filled: Program) -> Iterator[Marts]:
    with Marts(filled.home) as opened:
        yield opened


def _typed(marts: Marts, history: Path, *lines: str) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("".join(f"{line}\n" for line in lines))
        prompt(marts, Shown("table", 50), history=history)


def test_a_talk_at_the_prompt(marts: Marts, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = tmp_path / "history"
    lines = (".help", ".tables survey", ".schema rpt_survey", ".mode csv", "select 40", "+ 2 as answer;", "nonsense;")
    _typed(marts, history, *lines, ".mode nonsense", ".schema rpt_surve", "select 1 as still_there;", ".quit")
    shown = capsys.readouterr()
    assert "rpt_survey" in shown.out
    assert "respondent_count" in shown.out
    assert "answer\n42\n" in shown.out
    assert "still_there\n1\n" in shown.out
    assert "Did you mean rpt_survey" in shown.err
    assert "Parser Error" in shown.err
    assert ".mode nonsense is no command" in shown.err
    assert "select 40" in history.read_text(encoding="utf-8")
    assert history.stat().st_mode & 0o077 == 0


def test_the_prompt_says_that_a_newer_snapshot_is_there(marts: Marts, capsys: pytest.CaptureFixture[str]) -> None:
    with mock.patch.object(marts, "refresh", return_value=True):
        _typed(marts, Path("/proc/no-history-here"), "select 1;", ".quit")
    assert "A newer snapshot is published" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("select * from rpt_surv", "", "rpt_survey"),
        ("select respon", " from rpt_survey", "respondent_count"),
        ("select * from rpt_survey join fct_work_", "", "fct_work_file"),
        (".sch", "", ".schema"),
        (".mode mark", "", "markdown"),
        (".schema fct_work_", "", "fct_work_file"),
        ("descr", "", "describe"),
        ("select respon", "", None),
    ],
)
def test_names_are_completed(marts: Marts, before: str, after: str, name: str | None) -> None:
    document = Document(before + after, cursor_position=len(before))
    found = [c.text for c in Names(marts).get_completions(document, CompleteEvent())]
    assert found == ([] if name is None else [name])


def test_on_a_real_terminal(filled: Program) -> None:
    """With a terminal of its own: prompt, an answer over two lines, an end by Ctrl-D."""
    leader, follower = pty.openpty()
    environment = filled.environment(TERM="xterm", NO_COLOR="1", COLUMNS="100")
    process = subprocess.Popen([CCHC, "sql"], stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    try:
        _read_until(leader, "cchc>")
        os.write(leader, b"select 40\r+ 2 as answer;\r")
        _read_until(leader, r"\s42\s.*cchc>")
        os.write(leader, b"\x04")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(leader)


def _read_until(terminal: int, pattern: str) -> None:
    seen = ""
    while not re.search(pattern, seen, re.DOTALL):
        readable, _, _ = select.select([terminal], [], [], 30)
        assert readable, seen
        seen += os.read(terminal, 4096).decode(errors="replace")
