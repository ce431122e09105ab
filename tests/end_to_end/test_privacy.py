"""Nothing after landing holds a personal value of the simulated people."""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.storage.engine import quote_name, quote_text
from tests.end_to_end.provinces import Province, province

PER_KIND = 60
People = tuple[Province, Path]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """A province, and a file of personal values that its truth tells."""
    p = province(1, 0.02)
    told = [v for group in p.truth["personal_values"].values() for v in group[:PER_KIND] if len(v) >= 6]
    values = tmp_path_factory.mktemp("people") / "values"
    values.write_text("".join(f"{v}\n" for v in told), encoding="utf-8")
    return p, values


def _texts_of_database(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select database_name, schema_name, table_name, list(column_name) from duckdb_columns() "
            "where not internal and data_type like 'VARCHAR%' and schema_name <> 'raw' group by all"
        ).fetchall()
        return "\n".join(_distinct(connection, ".".join(map(quote_name, place)), columns) for *place, columns in tables)


def _texts_of_parquet(paths: Sequence[Path]) -> str:
    """Those of files that have the same columns."""
    relation = duckdb.read_parquet([str(p) for p in paths])
    columns = [c for c, t in zip(relation.columns, relation.types, strict=True) if str(t).startswith("VARCHAR")]
    place = f"read_parquet([{', '.join(map(quote_text, paths))}])"
    return _distinct(duckdb.default_connection(), place, columns) if columns else ""


def _distinct(connection: duckdb.DuckDBPyConnection, place: str, columns: list[str]) -> str:
    texts = ", ".join(f"{quote_name(c)}::varchar" for c in columns)
    found = connection.execute(f"select distinct unnest([{texts}]) from {place}").fetchall()
    return "\n".join(str(v) for (v,) in found)


def _text_of(paths: Sequence[Path]) -> bytes:
    """What stands in files of one kind."""
    if paths[0].suffix == ".parquet":
        return _texts_of_parquet(paths).encode()
    if paths[0].suffix == ".duckdb":
        return "\n".join(map(_texts_of_database, paths)).encode()
    return b"\n".join(p.read_bytes() for p in paths)


def _kind(path: Path) -> str:
    """Files of one kind are looked through at once."""
    return str(pq.read_schema(path)) if path.suffix == ".parquet" else path.suffix


def _found(text: bytes, values: Path) -> set[str]:
    """Which of the values, a line each, stand in the text; grep looks for all of them at once."""
    looked = subprocess.run(
        ["grep", "-a", "-o", "-F", "-f", str(values)],
        input=text, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert looked.returncode in (0, 1), looked.stderr
    return set(looked.stdout.decode().splitlines())


def test_the_exports_do_hold_them(people: People) -> None:
    p, values = people
    text = b"\n".join(f.read_bytes() for f in p.exports.rglob("*") if f.suffix in (".csv", ".log", ".txt"))
    assert len(_found(text, values)) > 200


def test_nothing_after_landing_holds_them(people: People) -> None:
    p, values = people
    kept: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(p.home.root.rglob("*")):
        if not path.is_symlink() and path.is_file() and p.home.landing not in path.parents:
            kept[_kind(path)].append(path)
    leaks: dict[str, set[str]] = {}
    for paths in kept.values():
        if _found(_text_of(paths), values):
            leaks |= {str(path.relative_to(p.home.root)): _found(_text_of([path]), values) for path in paths}
    assert sum(map(len, kept.values())) > 100
    assert {path: found for path, found in leaks.items() if found} == {}
