"""``cchc``: one program for everything. Modules behind a command are imported when it runs."""

from __future__ import annotations

import signal
import sys
import traceback
from types import FrameType

import typer

from pipelines.cli import changes, figures, job, province, quarantine, sql, steps, system, trace
from pipelines.cli.shell import INTERRUPTED, emit, err, nobody_reads, shell
from pipelines.domain.errors import CchcError

app = typer.Typer(
    name="cchc",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Collects the exports of iGate, iDesk and official mail, checks them, and publishes marts and pages.\n\n"
    "Exit codes: 0 done; 1 a fault of ours; 2 wrong use or settings; 3 data refused; 4 a source cannot be reached.",
)
for topic in (job, steps, figures, changes, trace, sql, quarantine, province, system):
    topic.add_to(app)


def main() -> None:
    """Run a command and end with its exit code."""
    shell.interrupted = False
    signal.signal(signal.SIGINT, _on_ctrl_c)
    sys.exit(_code())


def _on_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Remember it: what is stopped in the middle of a query raises errors of many names."""
    shell.interrupted = True
    signal.default_int_handler(number, frame)


def _code() -> int:
    """Run the command; what it raises becomes one clear line and an exit code, never a bare traceback."""
    try:
        ended = app(standalone_mode=False)
        if ended == INTERRUPTED:  # typer makes a bare number of an interruption
            return _interrupted()
        sys.stdout.flush()
        return ended if isinstance(ended, int) else 0
    except CchcError as error:
        return _told(error.message, error.next_step, error.exit_code, error)
    except typer.TyperException as error:
        return _wrong_use(error)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        nobody_reads()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort
        return _interrupted() if shell.interrupted else _fault(error)


def _interrupted() -> int:
    err().print("Stopped. Nothing is lost: the next `cchc run` goes on from here.", markup=False)
    return INTERRUPTED


def _wrong_use(error: typer.TyperException) -> int:
    """A command line that makes no sense, told by the parser in its own words."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        err().print(str(error), markup=False)
    return error.exit_code


def _told(message: str, next_step: str, code: int, error: BaseException) -> int:
    if shell.debug:
        err().print("".join(traceback.format_exception(error)), markup=False, soft_wrap=True)
    err().print(f"Error: {message}", markup=False, style="red", soft_wrap=True)
    if next_step:
        err().print(f"Next: {next_step}", markup=False, soft_wrap=True)
    emit({"error": message, "next_step": next_step, "exit_code": code})
    return code


def _fault(error: Exception) -> int:
    if shell.settings is None:
        return _told(f"A fault of ours: {type(error).__name__}: {error}", "Please report it.", 1, error)
    from pipelines.cli.logs import log_fault

    path = log_fault(shell.settings, error)
    return _told(
        f"A fault of ours: {type(error).__name__} (noted in {path}).",
        "Nothing is lost; `--debug` shows more. Please report it with the log.",
        1,
        error,
    )
