"""``cchc trace``: every file that it names is one that was landed, and the rows are those of the facts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from pipelines.client import Marts
from pipelines.storage.home import Home
from pipelines.storage.landing import landed_file
from tests.cli.conftest import Program

MONTHS = ("--from", "2020-01", "--to", "2020-01")


def _busiest(filled: Program, table: str, month: str) -> str:
    with Marts(filled.home) as marts:
        (found,) = marts.sql(
            f"select agency_code from {table} where {month} = date '2020-01-01' "
            "group by agency_code order by count(*) desc, agency_code limit 1"
        ).fetchall()
    code: str = found[0]
    return code


def _trace(filled: Program, indicator: str, agency: str) -> dict[str, Any]:
    ended = filled("trace", indicator, "--agency", agency, *MONTHS, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json
    return found


def test_a_figure_leads_to_its_files(filled: Program) -> None:
    agency = _busiest(filled, "fct_dossier", "received_month")
    found = _trace(filled, "DOSSIER_ONLINE", agency)
    with Marts(filled.home) as marts:
        rows = marts.sql(
            "select batch_id, source_file, count(*) from fct_dossier where agency_code = $1 and "
            "date '2020-01-01' in (received_month, resolved_month) group by all",
            [agency],
        ).fetchall()
        (figure,) = marts.sql(
            "select numerator, denominator from rpt_indicator where indicator_code = 'DOSSIER_ONLINE' "
            "and agency_code = $1 and period_type = 'month' and period_start = date '2020-01-01'",
            [agency],
        ).fetchall()
    named = [f for f in found["files"] if f["role"] == "rows" and f["stream"] == "igate.dossiers"]
    assert sorted((f["batch_id"], f["file"], f["rows"]) for f in named) == sorted(rows)
    assert [(m["numerator"], m["denominator"]) for m in found["months"]] == [figure]
    assert {f["stream"] for f in found["files"] if f["role"] == "list"} == {
        "reference.agencies",
        "reference.procedures",
    }
    for file in found["files"]:
        source, stream = file["stream"].split(".")
        landed: Path = landed_file(Home(filled.home), source, stream, file["batch_id"])
        assert hashlib.sha256(landed.read_bytes()).hexdigest() == file["sha256"]


def test_of_documents_only_the_side_that_counts(filled: Program) -> None:
    agency = _busiest(filled, "(from fct_document where direction = 'outgoing')", "date_trunc('month', registered_on)")
    found = _trace(filled, "DOC_OUTGOING_ELECTRONIC", agency)
    assert {f["stream"] for f in found["files"] if f["role"] == "rows"} == {"idesk.outgoing"}


def test_of_mail_the_logs_and_of_what_is_not_fed_nothing(filled: Program) -> None:
    agency = _busiest(filled, "fct_mailbox_month", "month")
    logs = _trace(filled, "MAIL_ACTIVE", agency)["files"]
    assert {f["role"] for f in logs if f["stream"].startswith("mail.")} == {"log"}
    unfed = _trace(filled, "CONTACT_SUPPORT", agency)
    assert (unfed["files"], unfed["streams"]) == ([], [])
    assert {m["na_reason"] for m in unfed["months"]} <= {"not_fed"}


def test_for_people_it_is_a_table(filled: Program) -> None:
    agency = _busiest(filled, "fct_dossier", "received_month")
    ended = filled("trace", "dossier_online", "--agency", agency, *MONTHS)
    assert (ended.code, ended.err) == (0, "")
    assert "igate.dossiers" in ended.out
    assert "dòng của số liệu" in ended.out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("DOSSIER_ONLIN", "--agency", "H15.07", *MONTHS), "DOSSIER_ONLINE"),
        (("DOSSIER_ONLINE", "--agency", "H99", *MONTHS), "dim_agency"),
        (("DOSSIER_ONLINE", "--agency", "H15.07", "--from", "2020-02", "--to", "2020-01"), "before"),
    ],
)
def test_wrong_use_has_its_next_step(filled: Program, arguments: tuple[str, ...], hint: str) -> None:
    ended = filled("trace", *arguments)
    assert ended.code == 2
    assert hint in ended.err
