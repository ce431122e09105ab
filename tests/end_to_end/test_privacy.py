"""Nothing after landing holds a personal value of the simulated people."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import duckdb
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


def _texts_of_parquet(path: Path) -> str:
    relation = duckdb.read_parquet(str(path))
    columns = [c for c, t in zip(relation.columns, relation.types, strict=True) if str(t).startswith("VARCHAR")]
    return _distinct(duckdb.default_connection(), f"read_parquet({quote_text(path)})", columns) if columns else ""


def _distinct(connection: duckdb.DuckDBPyConnection, place: str, columns: list[str]) -> str:
    texts = ", ".join(f"{quote_name(c)}::varchar" for c in columns)
    found = connection.execute(f"select distinct unnest([{texts}]) from {place}").fetchall()
    return "\n".join(str(v) for (v,) in found)


def _text_of(path: Path) -> bytes:
    if path.suffix == ".duckdb":
        return _texts_of_database(path).encode()
    if path.suffix == ".parquet":
        return _texts_of_parquet(path).encode()
    return path.read_bytes()


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
    leaks: dict[str, set[str]] = {}
    seen = 0
    for path in sorted(p.home.root.rglob("*")):
        if path.is_symlink() or not path.is_file() or p.home.landing in path.parents:
            continue
        seen += 1
        found = _found(_text_of(path), values)
        if found:
            leaks[str(path.relative_to(p.home.root))] = found
    assert seen > 100
    assert leaks == {}
