"""A contract that loads a file, drafted from its header and first rows, for an engineer to finish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.domain.text import canonical_key, clean

SOURCE = "local"
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})|-?\d{1,3}(\.\d{3})+")
_DECIMAL = re.compile(r"-?\d{1,15}([.,]\d+)?\s*%?|-?\d{1,3}(\.\d{3})+(,\d+)?\s*%?")
_MOMENTS: tuple[tuple[re.Pattern[str], str, list[str]], ...] = (
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "date", ["%d/%m/%Y"]),
    (re.compile(r"\d{4}-\d\d-\d\d"), "date", []),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d"), "datetime", ["%d/%m/%Y %H:%M"]),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d:\d\d"), "datetime", ["%d/%m/%Y %H:%M:%S"]),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"), "datetime", []),
    (re.compile(r"20\d{12}"), "datetime", ["%Y%m%d%H%M%S"]),
)
# What a column of persons is called; better one hash too many than a name in the lake.
_PERSONAL = re.compile(
    r"họ (và )?tên|người (nộp|ký|nhận|gửi|lập)|chủ hồ sơ|cmnd|cccd|cmtnd|căn cước|số hộ chiếu|ngày sinh|năm sinh|"
    r"điện thoại|sđt|telephone|phone|fax|in ?charge|signer|staff|tên người|cán bộ|công dân",
)
_MAIL = re.compile(r"e-?mail|thư điện tử")


def draft_contract(
    file_name: str, form: str, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str | None = None
) -> Contract:
    """A contract whose columns are those of a header, each with the type that all its first values have.

    Args:
        file_name: what the stream is called after.
        form: ``delimited`` or ``spreadsheet``.
        header: one label for each column; columns without one are left out.
        rows: the first rows below the header.
        encoding: of the text, when it is not to be found by evidence.

    Raises:
        DataRefused: there is no label.
    """
    names: dict[str, str] = {}
    columns = []
    for position, label in enumerate(map(clean, header)):
        if not label or canonical_key(label) in map(canonical_key, names.values()):
            continue
        name = _name(label, position, names)
        names[name] = label
        values = [clean(row[position]) for row in rows if position < len(row) and clean(row[position])]
        columns.append({"name": name, "label": label, **_kind(label, values)})
    if not columns:
        raise DataRefused(f"{file_name} has no header from which a contract could be drafted.")
    stem = Path(file_name).stem
    described: dict[str, Any] = {
        **{"source": SOURCE, "stream": _slug(stem) or "stream", "version": 1, "title": {"vi": stem, "en": stem}},
        **{"formats": [form], "columns": columns, **({"encoding": encoding} if encoding else {})},
    }
    return Contract.model_validate(described)


def contract_yaml(contract: Contract) -> str:
    """The contract as its file, with what is not set left out."""
    described = contract.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(described, allow_unicode=True, sort_keys=False, width=110)


def write_draft(contract: Contract, path: Path) -> Path:
    """Write a contract to a file, or below a folder as ``SOURCE/STREAM.yml``; none is overwritten.

    Raises:
        WrongUse: there is such a file already, or it cannot be written.
    """
    target = path / contract.source / f"{contract.stream}.yml" if path.is_dir() or not path.suffix else path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as stream:
            stream.write(contract_yaml(contract))
    except FileExistsError as error:
        raise WrongUse(f"{target} exists already; a draft overwrites nothing.") from error
    except OSError as error:
        raise WrongUse(f"The draft cannot be written: {error}.") from error
    return target


def _name(label: str, position: int, taken: dict[str, str]) -> str:
    name = _slug(label)[:60].strip("_")
    if not name or not name[0].isalpha():
        name = f"c{position + 1}_{name}".strip("_")
    return name if name not in taken else f"{name}_{position + 1}"


def _slug(text: str) -> str:
    return "_".join(filter(None, (canonical_key(word) for word in re.split(r"[^\w]+|_", text))))


def _kind(label: str, values: Sequence[str]) -> dict[str, Any]:
    """Type and privacy of a column."""
    if _MAIL.search(label.casefold()):
        return {"privacy": "email"}
    if _PERSONAL.search(label.casefold()):
        return {"privacy": "personal"}
    for pattern, kind, formats in _MOMENTS:
        if values and all(map(pattern.fullmatch, values)):
            return {"type": kind, **({"formats": formats} if formats else {})}
    if values and all(map(_WHOLE.fullmatch, values)) and max(map(len, values)) < 18:
        return {"type": "integer"}
    if values and all(map(_DECIMAL.fullmatch, values)) and not any(re.match(r"-?0\d", v) for v in values):
        return {"type": "decimal"}
    return {}
