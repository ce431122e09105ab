"""``CONTRIBUTING.md`` is followed: a source, an indicator and a page are added to a copy of the tree, and they work."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from lxml import html

from tests.docs.following import DOCS, Follower, blocks, change
from tests.warehouse.rendered import rendered

ROOT = DOCS.parent
SITE_MARTS = ROOT / "tests" / "site" / "site_marts.sql"
COPIED = ("pipelines", "expectations", "warehouse", "docs")


@dataclass(frozen=True)
class Tree:
    """A copy of the tree after the page was followed, and what its commands printed."""

    folder: Path
    out: str

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("contributing") / "tree"
    tracked = subprocess.run(["git", "ls-files", "-z", *COPIED], cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, tracked.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    follower, out = Follower(folder), ""
    follower.environment["PYTHONPATH"] = str(folder)
    for block in blocks(ROOT / "CONTRIBUTING.md"):
        if block.language == "diff":
            change(folder, block.text)
        else:
            out += follower.type(block.text)
    return Tree(folder, out)


def test_the_new_source_is_known_and_guarded(tree: Tree) -> None:
    assert "Fits the contract igate.receipts" in tree.out
    suite = json.loads(tree.text("expectations/suites/igate.receipts.json"))
    assert {"receipt_number", "amount"} <= {e["kwargs"].get("column") for e in suite["expectations"]}
    assert "`stg_igate__receipts`" in tree.text("docs/data-dictionary.md")


def test_its_rows_have_types_and_nobodys_name(tree: Tree) -> None:
    columns = ("receipt_number", "dossier_code", "payer_name", "amount", "paid_on")
    lineage = ("_batch_id", "_source_file", "_row_number", "_exported_at")
    values = ("BL1", "000.00.12.H15-210104-0001", "p_0", "30000", "2021-01-04", "b", "f.csv", "2", "2021-02-01")
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        row = ", ".join(f"'{v}' as {c}" for c, v in zip((*columns, *lineage), values, strict=True))
        connection.execute(f"create table raw.igate__receipts as select {row}")
        found = connection.sql(rendered(tree.text("warehouse/models/staging/stg_igate__receipts.sql")))
        kinds = dict(zip(found.columns, map(str, found.types), strict=True))
    assert (kinds["amount"], kinds["paid_on"]) == ("INTEGER", "DATE")
    assert "payer_name" not in kinds
    (told,) = (
        m for m in yaml.safe_load(tree.text("warehouse/models/staging/_igate.yml"))["models"] if "receipts" in m["name"]
    )
    assert [c["name"] for c in told["columns"]] == list(kinds)


def test_the_new_indicator_counts_as_the_page_counts_by_hand(tree: Tree) -> None:
    cases = yaml.safe_load(tree.text("warehouse/models/unit_tests/dossiers.yml"))["unit_tests"]
    (case,) = (c for c in cases if c["model"] == "int_indicator__dossiers")
    assert [r for r in case["expect"]["rows"] if r["indicator_code"] == "DOSSIER_SUPPLEMENTED"]
    with duckdb.connect() as connection:
        connection.execute("create schema staging")
        for given in case["given"]:
            name = given["input"].removeprefix("ref('").removesuffix("')")
            _table(connection, f"staging.{name}", given["rows"])
        found = connection.sql(rendered(tree.text("warehouse/models/intermediate/int_indicator__dossiers.sql")))
        rows = found.select("indicator_code, agency_code, month, numerator, denominator").fetchall()
    assert sorted(rows, key=str) == sorted((tuple(r.values()) for r in case["expect"]["rows"]), key=str)


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    columns = list({column: None for row in rows for column in row})
    made = pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows])
    connection.register("made", made)
    connection.execute(f"create table {name} as from made")


def test_the_new_page_is_written(tree: Tree, tmp_path: Path) -> None:
    program = (
        "import duckdb; from pathlib import Path; from pipelines.site.writing import write_site; c = duckdb.connect(); "
        f"c.execute(Path({str(SITE_MARTS)!r}).read_text()); "
        f"write_site(c, Path({str(tmp_path)!r}), rule='R_PLAIN', charts='')"
    )
    environment = {**os.environ, "PYTHONPATH": str(tree.folder)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    page = html.fromstring((tmp_path / "signals.html").read_text(encoding="utf-8"))
    assert [cell.get("data-v") for cell in page.xpath("//tbody//td[@data-v]")] == ["2", "300", "0.00666666667", "0.08"]
    assert page.xpath("//tbody//th//a/@href") == ["agency-H15.07.html"]
    assert page.xpath("//a[@download='signals.csv']")


def test_what_is_made_of_the_catalogue_has_it_too(tree: Tree) -> None:
    seeds = csv.DictReader(tree.text("warehouse/seeds/indicators.csv").splitlines())
    assert "DOSSIER_SUPPLEMENTED" in {row["indicator_code"] for row in seeds}
    assert "## `DOSSIER_SUPPLEMENTED`" in tree.text("docs/indicators.md")
    assert "dossier_supplemented" in tree.text("warehouse/models/marts/rpt_indicator_wide.sql")
