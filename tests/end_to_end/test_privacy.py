"""Nothing after landing holds a personal value of the simulated people."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.provinces import Province, province

PER_KIND = 60


@pytest.fixture(scope="module")
def people() -> tuple[Province, list[str]]:
    p = province(1, 0.02)
    values = p.truth["personal_values"]
    groups = values.values() if isinstance(values, dict) else [values]
    return p, [v for group in groups for v in group[:PER_KIND] if len(v) >= 6]


def _texts_of_database(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select database_name, schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and data_type like 'VARCHAR%' and schema_name <> 'raw'"
        ).fetchall()
        parts = []
        for database, schema, table, column in columns:
            name = ".".join('"' + n.replace('"', '""') + '"' for n in (database, schema, table))
            quoted = '"' + column.replace('"', '""') + '"'
            parts += [
                str(v) for (v,) in connection.execute(f"select distinct {quoted}::varchar from {name}").fetchall()
            ]
        return "\n".join(parts)


def _texts_of_parquet(path: Path) -> str:
    relation = duckdb.sql(f"from read_parquet('{path}')")
    columns = [c for c, t in zip(relation.columns, relation.types, strict=True) if str(t).startswith("VARCHAR")]
    return "\n".join(
        str(v)
        for c in columns
        for (v,) in duckdb.sql(f"select distinct \"{c}\" from read_parquet('{path}')").fetchall()
    )


def _text_of(path: Path) -> str:
    if path.suffix == ".duckdb":
        return _texts_of_database(path)
    if path.suffix == ".parquet":
        return _texts_of_parquet(path)
    return path.read_bytes().decode("utf-8", errors="ignore")


def test_the_exports_do_hold_them(people: tuple[Province, list[str]]) -> None:
    p, values = people
    text = "\n".join(
        f.read_bytes().decode("utf-8", errors="ignore")
        for f in p.exports.rglob("*")
        if f.suffix in (".csv", ".log", ".txt")
    )
    assert len(values) > 200
    assert sum(v in text for v in values) > len(values) * 0.9


def test_nothing_after_landing_holds_them(people: tuple[Province, list[str]]) -> None:
    p, values = people
    leaks: dict[str, list[str]] = {}
    seen = 0
    for path in sorted(p.home.root.rglob("*")):
        if path.is_symlink() or not path.is_file() or p.home.landing in path.parents:
            continue
        seen += 1
        text = _text_of(path)
        found = [v for v in values if v in text]
        if found:
            leaks[str(path.relative_to(p.home.root))] = found[:3]
    assert seen > 100
    assert leaks == {}
