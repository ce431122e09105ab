"""The pages can be written by a process that has run no suite itself, and hold no values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb

from expectations import batches, data_docs
from pipelines.sources.registry import contract_for
from pipelines.storage.home import Home
from tests.expectations.packages import dossier, write_rows

WRITE = """
import sys
from pathlib import Path
from expectations.data_docs import write_data_docs
from pipelines.storage.home import Home
print(write_data_docs(Home(Path(sys.argv[1]))))
print("great_expectations" in sys.modules, "scipy.stats._stats_py" in sys.modules)
"""


def test_pages_of_a_fresh_process(tmp_path: Path) -> None:
    secret = "p_" + "5ec4e7" * 5 + "00"
    contract = contract_for("igate", "dossiers")
    rows = [dossier(1, applicant_name=secret), dossier(2, agency_code=secret), dossier(2, due_at=None)]
    path = write_rows(tmp_path / "rows.parquet", contract, "one", rows)
    home = Home(tmp_path / "home")
    with duckdb.connect() as connection:
        outcome = batches.check_packages(connection, contract, rows=[path])
    data_docs.keep_result(home, contract.name, outcome.document)

    told = subprocess.run([sys.executable, "-c", WRITE, str(home.root)], capture_output=True, text=True, check=True)
    page, *loaded = told.stdout.split()
    assert page == str(home.data_docs / "site" / "index.html")
    assert loaded == ["True", "False"], "what Great Expectations imports for nothing is not loaded"
    pages = {p.name: p.read_text(encoding="utf-8") for p in (home.data_docs / "site").rglob("*.html")}
    assert set(pages) == {"index.html", "igate.dossiers.html"}
    text = pages["igate.dossiers.html"]
    assert "Thiếu ngày hẹn trả / No due date (due_missing)" in text
    assert "Trùng khóa trong cùng một tệp" in text
    assert "ended_at &lt; received_at" in text or "Kết thúc trước khi tiếp nhận" in text
    files = [p.read_bytes() for p in home.data_docs.rglob("*") if p.is_file()]
    assert not any(secret.encode() in content for content in files)
