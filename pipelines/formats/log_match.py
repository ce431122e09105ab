"""Lines of a log against the patterns of its contract, as SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.domain.contracts import LogFormat, LogPattern
from pipelines.storage.engine import quote_text

NOTHING = "null::varchar"
_REST = "(?P<rest>.*)$"
_HEAD, _WHOLE = "_head", "_whole"
_GROUP = re.compile(r"\(\?P<(\w+)>")
# A pattern that opens with a group that is never empty.
_OPENS_FILLED = re.compile(r"\(\?P<\w+>(\[[^\]]+\]|\\[dwS])\+\)")


@dataclass(frozen=True)
class Match:
    """A query that matches each line; of each shape, the expressions of its groups; whether a line fits."""

    query: str
    groups: dict[int, dict[str, str]]
    fits: str


def match_joined(log: LogFormat, shapes: dict[int, LogPattern], source: str) -> Match:
    """Each line of ``source(rn, line, shape)`` by one pattern, the prefix and its shape's."""
    patterns = {n: log.prefix.replace(_REST, s.pattern.removeprefix("^")) for n, s in shapes.items()}
    groups = {n: _groups(f"g{n}", pattern) for n, pattern in patterns.items()}
    # Every match has text in the group that each pattern cannot match empty: its first one.
    fits = by_shape({n: f"{next(iter(g.values()))} <> ''" if g else "true" for n, g in groups.items()})
    return Match(f"select rn, shape, {_matched('line', patterns)} from {source} where shape >= 0", groups, fits)


def match_in_two(log: LogFormat, shapes: dict[int, LogPattern], source: str) -> Match:
    """Each line by the prefix, and its rest, from the last sign of the prefix on, by the pattern of its shape.

    Short patterns of few groups are quick. What fits has the same groups as joined: both take the first way in which a
    prefix can end, and joined goes on to another only where the rest does not fit. A prefix without fields is joined.
    """
    prefix = log.prefix.removesuffix(_REST)
    if prefix == log.prefix or not _GROUP.search(prefix):
        return match_joined(log, shapes, source)
    head = f"^(?P<{_HEAD}>{prefix.removeprefix('^')})"
    of_head = _groups("h", head)
    patterns = {n: _pattern_of_rest(s.pattern.removeprefix("^")) for n, s in shapes.items()}
    groups = {n: _groups(f"g{n}", pattern) for n, pattern in patterns.items()}
    fits = by_shape({n: f"{next(iter(g.values()))} <> ''" for n, g in groups.items()})
    headed = f"select rn, shape, line, {_extracted('line', head)} as h from {source} where shape >= 0"
    rest = f"substr(line, greatest(length({of_head[_HEAD]}), 1))"
    return Match(
        f"select rn, shape, h, {_matched('rest', patterns)} from (select rn, shape, h, {rest} as rest from ({headed}))",
        {n: of_head | g for n, g in groups.items()},
        f"{of_head[_HEAD]} <> '' and {fits}",
    )


def by_shape(values: dict[int, str]) -> str:
    """Of each shape its own expression; null where none says anything."""
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    cases = [f"when {n} then {v}" for n, v in values.items() if v != NOTHING]
    return f"case shape {' '.join(cases)} end" if cases else NOTHING


def _pattern_of_rest(pattern: str) -> str:
    """For the rest of a line with one sign before it. Its first group has text in every match."""
    return f"^.{pattern}" if _OPENS_FILLED.match(pattern) else f"^(?P<{_WHOLE}>.{pattern})"


def _matched(text: str, patterns: dict[int, str]) -> str:
    return ", ".join(f"case when shape = {n} then {_extracted(text, p)} end as g{n}" for n, p in patterns.items())


def _extracted(text: str, pattern: str) -> str:
    names = ", ".join(map(quote_text, _GROUP.findall(pattern)))
    return f"regexp_extract({text}, {quote_text(pattern)}, [{names}])"


def _groups(match: str, pattern: str) -> dict[str, str]:
    return {name: f"{match}[{quote_text(name)}]" for name in _GROUP.findall(pattern)}
