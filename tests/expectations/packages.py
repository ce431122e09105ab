"""Prepared packages made by hand, for the tests of validation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.domain.contracts import Contract
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger

Row = Mapping[str, str | None]

DOSSIER: Row = {
    "dossier_code": "000.00.12.H15-200104-0001",
    "procedure_code": "1.001234.000.00.00.H15",
    "sector_code": "G01-GD05",
    "service_level": "4",
    "channel": "2",
    "applicant_name": "p_0123456789abcdef0123456789abcdef",
    "received_at": "2020-01-04 08:00:00",
    "due_at": "2020-01-10 17:00:00",
    "ended_at": "2020-01-09 10:00:00",
    "returned_at": "2020-01-09 15:00:00",
    "status_code": "10",
    "agency_code": "000.00.12.H15",
    "fee_amount": "50000.5",
    "supplement_count": "1",
    "component_digitised": "true",
    "satisfaction": "HÀI LÒNG",
}


def dossier(number: int = 1, **changes: str | None) -> Row:
    """A dossier without fault, with a code of its own, and changes."""
    return {**DOSSIER, "dossier_code": f"000.00.12.H15-200104-{number:04d}", **changes}


def write_rows(target: Path, contract: Contract, batch_id: str, rows: Sequence[Row]) -> Path:
    """A ``rows.parquet``; row numbers start at 2, after the header."""
    target.parent.mkdir(parents=True, exist_ok=True)
    columns: dict[str, Any] = {
        "_batch_id": pa.array([batch_id] * len(rows), pa.string()),
        "_source_file": pa.array([f"{batch_id}.csv"] * len(rows), pa.string()),
        "_exported_at": pa.array(["2020-02-01 01:00:00"] * len(rows), pa.string()),
        "_row_number": pa.array(range(2, len(rows) + 2), pa.int64()),
    }
    for column in contract.columns:
        columns[column.name] = pa.array([row.get(column.name) for row in rows], pa.string())
    pq.write_table(pa.table(columns), target)
    return target


def write_rejects(target: Path, batch_id: str, numbers: Sequence[int]) -> Path:
    """A ``rejects.parquet`` with a record too short at each of the numbers."""
    count = len(numbers)
    rejects = {
        "_batch_id": pa.array([batch_id] * count, pa.string()),
        "_source_file": pa.array([f"{batch_id}.csv"] * count, pa.string()),
        "_exported_at": pa.array(["2020-02-01 01:00:00"] * count, pa.string()),
        "_row_number": pa.array(numbers, pa.int64()),
        "rule": pa.array(["too_few_fields"] * count, pa.string()),
        "column_name": pa.array([None] * count, pa.string()),
        "value": pa.array(["0f" * 8] * count, pa.string()),
    }
    pq.write_table(pa.table(rejects), target)
    return target


def add_package(
    settings: Settings,
    rows: Sequence[Row],
    *,
    name: str = "igate.dossiers",
    number: int = 1,
    rejects: Sequence[int] = (),
    **told: Any,
) -> str:
    """A prepared batch in the home and the ledger; ``told`` overrides what ``package.json`` says."""
    source, stream = name.split(".")
    contract = contract_for(source, stream)
    batch_id = f"{name}.20200201T010000.{number:012x}"
    home = Home(settings.home)
    folder = home.package_of(source, stream, batch_id)
    write_rows(folder / "rows.parquet", contract, batch_id, rows)
    write_rejects(folder / "rejects.parquet", batch_id, rejects)
    package = {
        "batch_id": batch_id,
        "contract_version": contract.version,
        "missing_columns": [],
        "counts": {
            "rows_in_file": len(rows) + len(rejects) + 1,
            "rows": len(rows),
            "rejected": len(rejects),
            "non_data": 1,
        },
    }
    (folder / "package.json").write_text(json.dumps({**package, **told}), encoding="utf-8")
    ledger = Ledger(home.ledger)
    ledger.add_landed(
        batch_id=batch_id,
        source=source,
        stream=stream,
        file_name=f"{stream}_{number}.csv",
        sha256=f"{number:064x}",
        size_bytes=1,
        exported_at="2020-02-01 01:00:00",
    )
    ledger.update(batch_id, state="prepared")
    return batch_id
