"""Which column of a contract each cell of a header is: exactly, by an alias, or nearly, with a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from pipelines.domain.contracts import Contract
from pipelines.domain.text import canonical_key, clean
from pipelines.formats.headers import Header

# Below this, names that share a word or two would be offered as the same.
LEAST_SCORE = 82.0


@dataclass(frozen=True)
class ColumnFound:
    """A cell of the header and the contract column that it is.

    ``how``: label, alias, column name or fuzzy; ``score`` is the likeness, 0 to 100 (100 unless fuzzy).
    """

    position: int
    label: str
    column: str
    how: str
    score: float = 100.0


def map_columns(cells: Sequence[str], contract: Contract) -> tuple[ColumnFound, ...]:
    """Each cell at most once, each column at most once; exact names go before likenesses."""
    found: dict[int, ColumnFound] = {}
    taken: set[str] = set()
    names = _names(contract)
    for position, cell in enumerate(cells):
        match = names.get(canonical_key(cell)) if clean(cell) else None
        if match and match[0] not in taken:
            taken.add(match[0])
            found[position] = ColumnFound(position + 1, clean(cell), *match)
    choices = {key: name for key, name in _spelled(contract).items() if name not in taken}
    scored = sorted(
        (
            (score, position, choices[key])
            for position, cell in enumerate(cells)
            if position not in found and len(canonical_key(cell)) > 2
            for key, score, _ in process.extract(
                clean(cell).casefold(), list(choices), scorer=fuzz.token_sort_ratio, score_cutoff=LEAST_SCORE, limit=3
            )
        ),
        key=lambda match: (-match[0], match[1]),
    )
    for score, position, name in scored:
        if position not in found and name not in taken:
            taken.add(name)
            found[position] = ColumnFound(position + 1, clean(cells[position]), name, "fuzzy", round(score, 1))
    return tuple(found[position] for position in sorted(found))


def found_columns(header: Header, contract: Contract) -> tuple[ColumnFound, ...]:
    """The columns that a reader found, and how each goes by its name."""
    names = _names(contract)
    return tuple(
        ColumnFound(position + 1, label := header.labels[name], name, names.get(canonical_key(label), ("", "alias"))[1])
        for name, position in sorted(header.columns.items(), key=lambda item: item[1])
    )


def _names(contract: Contract) -> dict[str, tuple[str, str]]:
    """Key of each name a column goes by, labels first, with how it is one."""
    names: dict[str, tuple[str, str]] = {}
    for how, pairs in (
        ("label", [(c.label, c.name) for c in contract.columns]),
        ("alias", [(a, c.name) for c in contract.columns for a in c.aliases]),
        ("column name", [(c.name, c.name) for c in contract.columns]),
    ):
        for label, name in pairs:
            names.setdefault(canonical_key(label), (name, how))
    return names


def _spelled(contract: Contract) -> dict[str, str]:
    return {clean(label).casefold(): c.name for c in contract.columns for label in (*c.aliases, c.label)}
