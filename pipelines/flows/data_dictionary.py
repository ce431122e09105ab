"""Writes ``docs/data-dictionary.md`` from the YAML beside the warehouse's models, and ``docs/lineage.md``.

The same texts stand in every published snapshot as comments on tables and columns
(``warehouse/macros/comments.sql``), so the page, the file and a client cannot tell different stories.

Run as ``python -m pipelines.flows.data_dictionary``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.domain.yaml_file import read_yaml
from pipelines.flows import lineage
from pipelines.flows.column_origins import Origin, origin, sources_of
from pipelines.flows.column_units import UNITS, unit_of

_ROOT = Path(__file__).resolve().parents[2]
MODELS = _ROOT / "warehouse" / "models"
PAGE = _ROOT / "docs" / "data-dictionary.md"

_LAYERS = {
    "marts": ("Bảng công bố", "Published tables", "marts"),
    "intermediate": ("Bảng trung gian (không công bố)", "Intermediate tables (not published)", "intermediate"),
    "staging": ("Bảng chuẩn hóa (không công bố)", "Staging tables (not published)", "staging"),
}
_HEAD = """# Từ điển dữ liệu · Data dictionary

Trang này sinh từ YAML của các mô hình; đừng sửa tay. Generated from the YAML of the models by
`python -m pipelines.flows.data_dictionary`; do not edit.

Giờ là Asia/Ho_Chi_Minh. Times are Asia/Ho_Chi_Minh. `not null`: luôn có giá trị, always there. Nguồn «tính» là từ
các luồng ghi ở đầu bảng; a source "computed" is of the streams named at the head of the table. Đường đi của mỗi bảng ·
The way of each table: [lineage](lineage.md).
"""


@dataclass(frozen=True)
class Column:
    """One column: type as the database has it, meaning in both languages; of marts unit, source and rule."""

    name: str
    data_type: str
    vi: str
    en: str
    required: bool
    unit: str = ""
    origin: Origin | None = None


@dataclass(frozen=True)
class Model:
    """One model. ``not_carried`` maps columns of its contract to the reason why staging leaves them out.

    ``carries`` is the staging model whose rows a mart holds, each named by batch and row.
    """

    name: str
    layer: str
    vi: str
    en: str
    grain_vi: str
    grain: str
    owner: str
    key: tuple[str, ...]
    not_carried: dict[str, str]
    renamed: dict[str, str]
    carries: str
    columns: tuple[Column, ...]


def models() -> tuple[Model, ...]:
    """Every model that the YAML describes: marts first, then by name.

    Raises:
        KeyError: a model or a column lacks a text; its name is in the message.
    """
    order = list(_LAYERS)
    described = list(_described())
    renamed = {said["name"]: said["config"]["meta"].get("renamed", {}) for _, said in described}
    found = [_model(path.parent.name, said, renamed) for path, said in described]
    return tuple(sorted(found, key=lambda m: (order.index(m.layer), m.name)))


def _described() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(MODELS.glob("*/*.yml")):
        for said in read_yaml(path).get("models", []):
            yield path, said


def _model(layer: str, said: dict[str, Any], renamed: dict[str, dict[str, str]]) -> Model:
    meta = said["config"]["meta"]
    keys = [c["columns"] for c in said.get("constraints", []) if c["type"] == "primary_key"]
    keys += [t["unique_together"]["arguments"]["columns"] for t in said.get("data_tests", []) if "unique_together" in t]
    return Model(
        name=said["name"],
        layer=layer,
        vi=meta["vi"],
        en=said["description"],
        grain_vi=meta["grain_vi"],
        grain=meta["grain"],
        owner=meta["owner"],
        key=tuple(keys[0]) if keys else (),
        not_carried=meta.get("not_carried", {}),
        renamed=meta.get("renamed", {}),
        carries=meta.get("carries", {}).get("from", ""),
        columns=tuple(_column(layer, said, column, renamed) for column in said["columns"]),
    )


def _column(layer: str, model: dict[str, Any], said: dict[str, Any], renamed: dict[str, dict[str, str]]) -> Column:
    try:
        column = Column(
            name=said["name"],
            data_type=said["data_type"],
            vi=said["config"]["meta"]["vi"],
            en=said["description"],
            required={"type": "not_null"} in said.get("constraints", []),
        )
        if layer != "marts":
            return column
        unit = unit_of(column.name, column.data_type, said["config"]["meta"].get("unit"))
        return replace(column, unit=unit, origin=origin(model["name"], model["config"]["meta"], said, renamed))
    except KeyError as error:
        raise KeyError(f"{model['name']}.{said.get('name')} lacks {error}") from error


def page(described: tuple[Model, ...]) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for layer, (vi, en, schema) in _LAYERS.items():
        parts.append(f"\n## {vi} · {en} (`{schema}`)\n")
        parts += [_section(model) for model in described if model.layer == layer]
    return "".join(parts)


def _section(model: Model) -> str:
    lines = [
        f"\n### `{model.name}`\n",
        f"{model.vi}\\\n_{model.en}_\n",
        f"**Mức chi tiết · Grain:** {model.grain_vi} · _{model.grain}_\\",
    ]
    if model.key:
        lines.append(f"**Khóa · Key:** {', '.join(f'`{c}`' for c in model.key)}\\")
    if model.layer == "marts":
        lines.append(f"**Nguồn · Source:** {sources_of(model.name)}\\")
    lines.append(f"**Phụ trách · Owner:** {model.owner}\n")
    lines += _table_of_mart(model) if model.layer == "marts" else _table(model)
    if model.not_carried:
        left = "; ".join(f"`{name}` ({why})" for name, why in model.not_carried.items())
        lines.append(f"\n**Không mang theo · Not carried:** {left}.")
    return "\n".join(lines) + "\n"


def _table(model: Model) -> list[str]:
    rows = [f"| `{c.name}` | {_type(c)} | {_cell(c.vi)} | {_cell(c.en)} |" for c in model.columns]
    return ["| Cột · Column | Kiểu · Type | Nghĩa | Meaning |", "|---|---|---|---|", *rows]


def _table_of_mart(model: Model) -> list[str]:
    head = ["Cột · Column", "Kiểu · Type", "Nghĩa", "Meaning", "Đơn vị · Unit", "Nguồn · Source", "Quy tắc · Rule"]
    rows = [[f"`{c.name}`", _type(c), c.vi, c.en, " · ".join(UNITS[c.unit]), *_origin(c)] for c in model.columns]
    return [
        f"| {' | '.join(head)} |",
        "|---" * len(head) + "|",
        *(f"| {' | '.join(map(_cell, row))} |" for row in rows),
    ]


def _type(column: Column) -> str:
    return f"{column.data_type}{' not null' if column.required else ''}"


def _origin(column: Column) -> tuple[str, str]:
    return (column.origin.source, column.origin.rule) if column.origin else ("", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page and that of lineage, and say where."""
    for path, text in ((PAGE, page(models())), (lineage.PAGE, lineage.page())):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
