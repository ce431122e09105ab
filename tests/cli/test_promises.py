"""What ``interface.md`` promises of every command: help with an example, one JSON object, silence, exit codes."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import duckdb
import pytest
import typer.main

from pipelines.cli.app import app
from pipelines.flows.run import Progress
from tests.cli.conftest import CCHC, Program
from tests.few_marts import few_marts

PROMISED = {
    *("simulate", "run", "collect", "prepare", "validate", "load", "build", "publish", "report", "plan", "status"),
    *("inspect", "quarantine", "inspection", "rollback", "doctor", "config", "sql", "trace"),
}


def _commands() -> Iterator[tuple[str, object]]:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        yield from getattr(command, "commands", {name: command}).items()


def test_every_promised_command_is_there() -> None:
    assert set(typer.main.get_command(app).commands) >= PROMISED  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "command"), list(_commands()))
def test_help_says_what_it_does_with_an_example(name: str, command: object) -> None:
    assert (command.help or "").strip(), name  # type: ignore[attr-defined]
    assert (command.epilog or "").startswith("Example: `cchc "), name  # type: ignore[attr-defined]


LOOKS = [
    ("plan",),
    ("status",),
    ("status", "--files"),
    ("config",),
    ("quarantine", "list"),
    ("collect", "--dry-run"),
]


@pytest.mark.parametrize("arguments", LOOKS)
def test_json_is_one_object_and_nothing_else(filled: Program, arguments: tuple[str, ...]) -> None:
    ended = filled(*arguments, "--json")
    assert ended.code == 0
    assert isinstance(ended.json, dict)
    assert ended.err == ""


@pytest.mark.parametrize("arguments", [*LOOKS, ("run",)])
def test_piped_there_is_no_progress_and_no_colour(filled: Program, arguments: tuple[str, ...]) -> None:
    ended = filled(*arguments)
    assert ended.code == 0
    assert ended.out.strip()
    assert ended.err == ""
    assert "\x1b" not in ended.out


def test_as_a_process_it_talks_the_same_way(filled: Program) -> None:
    ended = filled.as_process("plan", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json["to_publish"] is False
    ended = filled.as_process("run", NO_COLOR="1")
    assert (ended.code, ended.err) == (0, "")
    assert "Nothing new" in ended.out
    assert "\x1b" not in ended.out
    assert filled.as_process("run", "--no-such-option").code == 2


def test_a_second_run_does_nothing_and_says_so(filled: Program) -> None:
    ended = filled("run", "--json")
    assert ended.json["nothing_new"] is True
    assert [s["name"] for s in ended.json["steps"]] == ["collect"]
    assert "Nothing new" in filled("run").out


def test_status_shows_the_accounting_of_every_file(filled: Program) -> None:
    told = filled("status", "--json").json
    assert len(told["files"]) > 20
    for file in told["files"]:
        assert file["closes"] is True
        parts = file["rows_loaded"] + file["rows_quarantined"] + file["rows_non_data"]
        assert file["rows_in_file"] == parts
    shown = filled("status", "--files").out
    assert all(f["file"].rsplit("/", 1)[1] in shown.replace("\n", "") or "…" in shown for f in told["files"][:3])


def test_secrets_are_never_shown(filled: Program) -> None:
    assert filled.key is not None
    for arguments in (("config",), ("config", "--json"), ("doctor",), ("doctor", "--json")):
        assert filled.key not in filled(*arguments).out


def test_wrong_use_is_code_2_with_the_next_step(fresh: Program, tmp_path: Path) -> None:
    for arguments in (
        ("run", "--no-such-option"),
        ("no-such-command",),
        ("simulate", str(tmp_path / "x"), "--scale", "7000"),
        ("simulate", str(tmp_path / "x"), "--from", "2020-13"),
        ("inspection", "--agency", "H15.07", "--from", "2020-01", "--to", "2020-02"),
        ("inspect", str(tmp_path / "nothing.csv")),
        ("gate",),
        ("publish",),
        ("rollback",),
    ):
        ended = fresh(*arguments)
        assert ended.code == 2, arguments
        assert ended.err.strip(), arguments
        assert "Traceback" not in ended.err, arguments


def test_a_wrong_setting_is_named(fresh: Program) -> None:
    ended = fresh("config", CCHC_WORKERS="many")
    assert ended.code == 2
    assert "CCHC_WORKERS" in ended.err


def test_without_a_key_nothing_is_read(tmp_path: Path) -> None:
    program = Program(tmp_path / "home", key=None)
    for arguments in (("run",), ("collect",), ("prepare",)):
        ended = program(*arguments)
        assert ended.code == 2
        assert "CCHC_PSEUDONYM_KEY_FILE" in ended.err
    assert not list((tmp_path / "home").rglob("landing/*"))


def test_an_inbox_that_cannot_be_reached_is_code_4(fresh: Program, tmp_path: Path) -> None:
    ended = fresh("run", "--inbox", str(tmp_path / "not-mounted"), "--json")
    assert ended.code == 4
    assert ended.json["exit_code"] == 4
    assert ended.json["next_step"]


def test_a_red_gate_is_code_3_and_publishes_nothing(filled: Program, tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run(["cp", "-a", str(filled.home), str(home)], check=True)
    program = Program(home)
    before = program("status", "--json").json["publication"]["snapshot"]
    with duckdb.connect(str(home / "build" / "warehouse.duckdb")) as connection:
        connection.execute("delete from marts.fct_dossier")
    with few_marts():
        ended = program("publish")
    assert ended.code == 3
    assert "fct_dossier" in ended.err
    assert "Next:" in ended.err
    assert program("status", "--json").json["publication"]["snapshot"] == before


def test_a_fault_of_ours_is_code_1_and_noted_without_values(fresh: Program) -> None:
    fresh.home.mkdir()
    (fresh.home / "lake").mkdir()
    (fresh.home / "lake" / "ledger.sqlite").write_bytes(b"this is no database, Nguyen Van A 0905123456")
    ended = fresh("status")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert "cchc.log" in ended.err
    log = (fresh.home / "build" / "logs" / "cchc.log").read_text(encoding="utf-8")
    assert "frames" in log
    assert "Nguyen" not in log


def test_interrupted_it_stops_at_once_and_says_that_nothing_is_lost(fresh: Program, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [CCHC, "simulate", str(tmp_path / "x"), "--scale", "1"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=fresh.environment(),
        text=True,
    )
    _wait_until(lambda: any((tmp_path / "x").rglob("*")))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Nothing is lost" in err


def _wait_until(met: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _stopped(*_: object, **__: object) -> None:
    signal.raise_signal(signal.SIGINT)


def _stopped_unheard(*_: object, on_progress: Callable[[Progress], None], **__: object) -> None:
    """As where a library takes the interruption for a fault of what it was asked, and goes on."""
    with contextlib.suppress(KeyboardInterrupt):
        _stopped()
    on_progress(Progress("build"))
    raise SystemExit("it went on")


@pytest.mark.parametrize("work", [_stopped, _stopped_unheard])
def test_a_run_that_is_interrupted_says_so(fresh: Program, work: Callable[..., None]) -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        with mock.patch("pipelines.flows.run.run", work):
            ended = fresh("run")
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.code == 130
    assert "Nothing is lost" in ended.err


def test_inspect_says_what_a_file_is(filled: Program, tmp_path: Path) -> None:
    export = next((filled.home / "inbox" / "igate" / "dossiers").iterdir())
    told = filled("inspect", str(export), "--json").json
    assert told["stream"] == "igate.dossiers"
    assert told["left_over"] == []
    assert {c["how"] for c in told["columns"]} == {"label"}
    strange = tmp_path / "strange.csv"
    strange.write_text("Mã hồ sơ;Một cột lạ\n1;2\n", encoding="utf-8")
    ended = filled("inspect", str(strange), "--json")
    assert (ended.code, ended.json["stream"]) == (0, None), "the file is told of, and why nothing takes it"
    assert "Một cột lạ" in ended.json["left_over"]
    assert filled("inspect", str(strange), "--stream", "igate.dossiers").code == 3, "it was held to one and refused"
    log = next((filled.home / "inbox" / "mail" / "zimbra_audit").iterdir())
    assert filled("inspect", str(log), "--json").json["stream"] == "mail.zimbra_audit"


def test_a_new_key_is_made_once_and_for_its_owner_only(fresh: Program, tmp_path: Path) -> None:
    key = tmp_path / "secrets" / "key"
    assert fresh("doctor", "--create-key", str(key)).code == 0
    assert key.stat().st_mode & 0o077 == 0
    text = key.read_text()
    assert fresh("doctor", "--create-key", str(key)).code == 2
    assert key.read_text() == text


def test_secrets_may_come_from_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "cchc_pseudonym_key").write_text("a key that lies in a folder", encoding="utf-8")
    program = Program(tmp_path / "home", key=None)
    told = program.as_process("config", "--json", CCHC_SECRETS_DIR=str(folder)).json
    assert told["pseudonym_key"] == "(set, hidden)"


def test_a_first_run_that_refuses_everything_says_that_nothing_is_published(fresh: Program) -> None:
    folder = fresh.home / "inbox/igate/dossiers"
    folder.mkdir(parents=True)
    (folder / "hoso_202101.csv").write_bytes(b"%PDF-1.7")
    ended = fresh("run")
    told = " ".join(ended.out.split())  # lines are broken where the terminal ends
    assert "Published: nothing yet." in told
    assert "not taken in: hoso_202101.csv is a PDF" in " ".join(ended.err.split())
