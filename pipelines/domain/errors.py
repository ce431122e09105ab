"""Errors that a user meets. Each carries what happened, where, and the next step.

The class decides the exit code (``interface.md``) and whether Airflow tries again.
"""

from __future__ import annotations


class CchcError(Exception):
    """Base of every error of ours: one clear sentence and the next step.

    Args:
        message: what is wrong, naming file, row and rule where there are any.
        next_step: what the reader can do about it; the class's usual one when not told.
    """

    exit_code = 1
    retryable = False
    usual_next_step = ""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step or self.usual_next_step

    def __str__(self) -> str:
        return f"{self.message} Next: {self.next_step}" if self.next_step else self.message


class InternalFault(CchcError):
    """A fault of ours: row accounting does not close, a step broke its own promise."""

    usual_next_step = "Nothing is lost. Please report it with the log (build/logs/cchc.log in CCHC_HOME)."


class WrongUse(CchcError):
    """Wrong command, wrong setting, missing secret."""

    exit_code = 2


class DataRefused(CchcError):
    """A gate is red, or a file cannot be understood; nothing was published."""

    exit_code = 3


class SourceUnavailable(CchcError):
    """A source cannot be reached now; worth a retry."""

    exit_code = 4
    retryable = True
