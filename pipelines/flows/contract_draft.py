"""A contract that loads a file, drafted from its header and first rows, for an engineer to finish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.domain.contracts import ColumnType, Contract, Privacy
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.domain.text import canonical_key, clean
from pipelines.flows.column_privacy import privacy_of
from pipelines.flows.column_types import type_of

SOURCE = "local"
_ENUM_ROWS, _ENUM_VALUES, _ENUM_LENGTH = 20, 12, 40
_KEY_ROWS = 5
_RUNNING = ("stt", "sott", "tt", "sothutu", "no")
_KEY_WORD = re.compile(r"^(ma|id|code|so(kyhieu|hieu|vanban|bienlai|hoadon|hoso|phieu))|(id|code|number)$")


@dataclass(frozen=True)
class Draft:
    """A drafted contract, and by column what speaks for it; under ``""`` what is said of the whole."""

    contract: Contract
    comments: dict[str, tuple[str, ...]]


def draft_contract(
    file_name: str,
    form: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    encoding: str | None = None,
    sheet: str | None = None,
    whole: bool = True,
) -> Draft:
    """A contract whose columns are those of a header, each with the type that all its values have.

    Args:
        file_name: what the stream is called after.
        form: ``delimited`` or ``spreadsheet``.
        header: one label for each column; columns without one are left out.
        rows: the rows below the header that are data.
        encoding: of the text, when it is not to be found by evidence.
        sheet: the sheet that the rows are from, where other sheets hold something else.
        whole: whether ``rows`` are all there are; else no key is set, only proposed.

    Raises:
        DataRefused: there is no label.
    """
    names: dict[str, str] = {}
    columns: list[dict[str, Any]] = []
    comments: dict[str, tuple[str, ...]] = {}
    cells: dict[str, list[str]] = {}
    for position, label in enumerate(map(clean, header)):
        if not label or canonical_key(label) in map(canonical_key, names.values()):
            continue
        name = _name(label, position, names)
        names[name] = label
        cells[name] = [clean(row[position]) if position < len(row) else "" for row in rows]
        described, comments[name] = _described(label, [v for v in cells[name] if v])
        columns.append({"name": name, "label": label, **described})
    if not columns:
        raise DataRefused(
            f"{file_name} has no header from which a contract could be drafted.",
            next_step="`cchc inspect FILE` shows the rows as understood; `--sheet NAME` looks at another sheet.",
        )
    key, told = _key(columns, cells, whole=whole)
    comments[""] = (f"Drafted from {file_name}, {len(rows)} rows looked at. Types and privacy are guesses.", *told)
    for column in columns:
        if column["name"] in key:
            column["required"] = True
    stem = Path(file_name).stem
    contract = Contract.model_validate(
        {
            **{"source": SOURCE, "stream": _slug(stem) or "stream", "version": 1, "title": {"vi": stem, "en": stem}},
            **{"formats": [form], "key": key, "columns": columns},
            **({"encoding": encoding} if encoding else {}),
            **({"sheet": sheet} if sheet else {}),
        }
    )
    return Draft(contract, comments)


def contract_yaml(draft: Draft) -> str:
    """The contract as its file: what is not set is left out, what speaks for a column stands above it."""
    described = draft.contract.model_dump(mode="json", exclude_defaults=True)
    columns = described.pop("columns")
    lines = [f"# {told}" for told in draft.comments.get("", ())]
    lines += [_yaml(described, flow=None).rstrip(), "columns:"]
    for column in columns:
        lines += [f"  # {told}" for told in draft.comments.get(column["name"], ())]
        lines.append(f"  - {_yaml(column, flow=True).strip()}")
    return "\n".join(lines) + "\n"


def _yaml(value: Any, *, flow: bool | None) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=flow)


def write_draft(draft: Draft, path: Path) -> Path:
    """Write a contract to a file, or below a folder as ``SOURCE/STREAM.yml``; none is overwritten.

    Raises:
        WrongUse: there is such a file already, or it cannot be written.
    """
    contract = draft.contract
    target = path / contract.source / f"{contract.stream}.yml" if path.is_dir() or not path.suffix else path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as stream:
            stream.write(contract_yaml(draft))
    except FileExistsError as error:
        raise WrongUse(
            f"{target} exists already; a draft overwrites nothing.",
            next_step="Remove or rename it, or name another place with --draft.",
        ) from error
    except OSError as error:
        raise WrongUse(
            f"The draft cannot be written: {error}.", next_step="Name a folder that you may write to with --draft."
        ) from error
    return target


def _name(label: str, position: int, taken: dict[str, str]) -> str:
    name = _slug(label)[:60].strip("_")
    if not name or not name[0].isalpha():
        name = f"c{position + 1}_{name}".strip("_")
    return name if name not in taken else f"{name}_{position + 1}"


def _slug(text: str) -> str:
    return "_".join(filter(None, (canonical_key(word) for word in re.split(r"[^\w]+|_", text))))


def _described(label: str, values: Sequence[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Type, privacy and known values of a column, and what speaks for them."""
    private = privacy_of(label, values)
    if private.privacy is not Privacy.NONE:
        return {"privacy": private.privacy.value}, (private.why,)
    found = type_of(label, values)
    told = tuple(filter(None, (private.why, found.why)))
    if found.type is not ColumnType.TEXT:
        return {"type": found.type.value, **({"formats": list(found.formats)} if found.formats else {})}, told
    distinct = sorted(set(values))
    if len(values) < _ENUM_ROWS or not 1 < len(distinct) <= _ENUM_VALUES or max(map(len, distinct)) > _ENUM_LENGTH:
        return {}, told
    few = f"{len(distinct)} different values in {len(values)} rows; another one is told and loaded (severity: warn)"
    return {"enum": {v: v for v in distinct}, "severity": "warn"}, (*told, few)


def _key(
    columns: Sequence[dict[str, Any]], cells: dict[str, list[str]], *, whole: bool
) -> tuple[list[str], tuple[str, ...]]:
    """The column whose values are all there and all different, those called a code or number first."""
    fitting = [c["name"] for c in columns if _may_be_key(c) and _is_unique(cells[c["name"]])]
    if not fitting:
        return [], ("No single column is filled and different in every row: set `key` if several together are.",)
    name = min(fitting, key=lambda n: _KEY_WORD.search(canonical_key(n)) is None)
    if whole:
        return [name], (f"{name} is filled and different in every row: taken as the key.",)
    return [], (f"{name} is filled and different in the rows looked at: `key: [{name}]` if that holds for all.",)


def _may_be_key(column: dict[str, Any]) -> bool:
    """Text that names no person, and numbers that are called codes; the running number of a sheet is none."""
    key = canonical_key(column["label"])
    kind = column.get("type", "text")
    fits = kind == "text" or (kind == "integer" and _KEY_WORD.search(canonical_key(column["name"])) is not None)
    return fits and "privacy" not in column and key not in _RUNNING


def _is_unique(values: Sequence[str]) -> bool:
    return len(values) >= _KEY_ROWS and all(values) and len(set(values)) == len(values)
