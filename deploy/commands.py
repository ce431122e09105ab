"""What the programs of this folder share: talking, ending with the exit code of an error, running until stopped."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from pipelines.domain.errors import CchcError


def say(text: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def exit_code_of(work: Callable[[], object]) -> int:
    """Do the work: 0, or the exit code of an error's class after its sentence and next step on stderr."""
    try:
        work()
    except CchcError as error:
        sys.stderr.write(f"Error: {error.message}\n")
        if error.next_step:
            sys.stderr.write(f"Next: {error.next_step}\n")
        return error.exit_code
    return 0


def until_stopped(name: str, serve: Callable[[], object]) -> int:
    """Serve until Ctrl-C or SIGTERM, which end well; else as ``exit_code_of``."""
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell that starts it in the background has SIGINT ignored
        signal.signal(stop, signal.default_int_handler)
    try:
        return exit_code_of(serve)
    except KeyboardInterrupt:
        say(f"\n{name} has ended.")
        return 0
