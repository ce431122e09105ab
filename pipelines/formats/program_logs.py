"""Logs of programs that no contract covers: which programs wrote a syslog, and the main log of Exim.

Only for saying what a file is; nothing is read from it.
"""

from __future__ import annotations

import re
from collections import Counter

_MOMENT = r"(?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S*)"
_STAMPED = re.compile(_MOMENT + r"[ ,.]")
_SYSLOG = re.compile(_MOMENT + r" \S+ ([A-Za-z][\w./@-]*)(?:\[\d+\])?: ")
# `2021-01-04 08:00:00 1kwHQ4-0001aB-2C <= an@so.vn H=…`: the arrows and words are those of Exim's own manual.
_EXIM = re.compile(
    r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?(?: [-+]\d{4})?(?: \[\d+\])? "
    r"(?:\w{6}-\w{6,11}-\w{2,4} (?:<=|=>|->|\*\*|==|>>|Completed)|\S+ (?:login|plain) authenticator|H=\S|exim \d)"
)
_LOOKED_AT = 200
_NAMED = 3


def is_stamped(head: str) -> bool:
    """Whether most of the first lines begin with a moment and go on after a blank, as those of logs do."""
    lines = _lines(head)
    return sum(_STAMPED.match(line) is not None for line in lines) * 2 > len(lines)


def program_log(head: str) -> str | None:
    """``syslog of sendmail, imap`` or ``main log of Exim``; None for what is neither.

    Args:
        head: the first signs of the file.
    """
    lines = _lines(head)
    if sum(_EXIM.match(line) is not None for line in lines) * 2 > len(lines):
        return "main log of Exim"
    found = [m[1] for line in lines if (m := _SYSLOG.match(line))]
    if not found or len(found) * 2 <= len(lines):
        return None
    programs = [name for name, _ in Counter(found).most_common()]
    rest = f" and {len(programs) - _NAMED} more programs" if len(programs) > _NAMED else ""
    return f"syslog of {', '.join(programs[:_NAMED])}{rest}"


def _lines(head: str) -> list[str]:
    return [line for line in head.split("\n")[:_LOOKED_AT] if line.strip()]
