"""JSON and edXML that others wrote (``../shared/fixtures``), with the counts of the folder's MANIFEST.md."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from tests.formats.taken_in import Package, prepared

Make = Callable[..., Settings]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
DOCUMENTS = (
    *("new_type0_junk_before_prolog", "test_undeclared_xlink", "revocation_type1"),
    *("gateway_three_attachments", "gateway_organid_null"),
)
STATUSES = ("01_a", "01_b", "03_acceptance", "04_assignment", "06_finish", "15_change_acceptance")
PEOPLE = ("Người ký", "Nguoi ky", "Cán bộ 0", "Can bo 0", "84912000001", "vanthuvanphong@", "user001@", "Gateway Auto")


def _real(name: str) -> bytes:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: these tests need the shared folder of real files beside the checkout"
    return path.read_bytes()


def _json(settings: Settings, stream: str, name: str) -> Package:
    package = prepared(settings, stream, "x_202606_20260610T010000.json", _real(name))
    assert (package.result.refusal, package.result.rows, package.result.rows_in_file) == (None, 1, 1)
    return package


def _edxml(settings: Settings, name: str) -> dict[str, Any]:
    package = prepared(settings, "idesk.edxml", f"{name}_20260610T010000.edxml", _real(f"edxml_{name}.edxml"))
    assert (package.result.refusal, package.result.rows, package.result.rows_in_file) == (None, 1, 1)
    names = ("kind", "document_id", "business_type", "recipient_count", "attachment_count", "response_count", "repairs")
    more = ("status_code", "response_document_id", "happened_at", "promulgated_on", "due_on", "traces", "recipients")
    (row,) = package.rows(*names, *more, "attachments", "sender_agency_code", "code_number")
    return dict(zip((*names, *more, "attachments", "sender_agency_code", "code_number"), row, strict=True))


def test_a_dossier_as_the_page_fills_it_in(make_settings: Make) -> None:
    package = _json(make_settings(), "igate.dossiers", "igate_tao_ho_so.json")
    ((code, received, kind, due, components),) = package.rows(
        "dossier_code", "received_at", "applicant_type", "due_at", "components"
    )
    assert (code, received, kind, due) == ("000.00.04.G18", "2026-06-08 14:07:53", "1", None)
    (component,) = json.loads(components)
    (attachment,) = json.loads(component["files"])
    assert attachment["result_code"] == "KQ.G07.000122"
    kept = json.dumps([str(v) for v in package.rows("columns(*)")[0]], ensure_ascii=False)
    for personal in ("Nguyễn Văn A", "0200000000", "0123456789", "nguyenvana", "document.pdf", "đường Thử"):
        assert personal not in kept


def test_one_step(make_settings: Make) -> None:
    package = _json(make_settings(), "igate.steps", "igate_cap_nhat_tien_trinh.json")
    ((code, status, start, end, due),) = package.rows(
        "dossier_code", "status_code", "started_at", "processed_at", "due_at"
    )
    assert (code, status) == ("G09.20-20260609-0092637", "2")
    assert start == end == due == "2026-06-08 07:47:28.329"


def test_one_status(make_settings: Make) -> None:
    package = _json(make_settings(), "igate.dossiers", "igate_cap_nhat_trang_thai.json")
    assert package.rows("dossier_code", "status_code") == [("G09.20-20260609-0092637", "5")]


def test_the_folder_holds_five_documents_and_six_statuses(make_settings: Make) -> None:
    settings = make_settings()
    found = [_edxml(settings, name) for name in (*DOCUMENTS, *(f"status_{s}" for s in STATUSES))]
    assert {p.stem.removeprefix("edxml_") for p in FIXTURES.glob("edxml_*")} == {
        *DOCUMENTS,
        *(f"status_{s}" for s in STATUSES),
    }
    documents = [f for f in found if f["kind"] == "document"]
    statuses = [f for f in found if f["kind"] == "status"]
    assert (len(documents), len({d["document_id"] for d in documents})) == (5, 4)
    assert Counter(s["status_code"] for s in statuses) == {"01": 2, "03": 1, "04": 1, "06": 1, "15": 1}
    assert len({s["happened_at"] for s in statuses}) == 2, "the clock does not order them"
    assert {s["response_document_id"] for s in statuses} == {"000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"}
    verdicts = validate(settings)
    assert [v.failed_rows for v in verdicts] == [0] * 11
    assert all(v.passed for v in verdicts)


@pytest.mark.parametrize(
    ("name", "business_type", "to", "attachments", "responses", "repairs"),
    [
        ("new_type0_junk_before_prolog", "0", 1, 1, 0, "junk_before_prolog"),
        ("test_undeclared_xlink", None, 1, 1, 0, "undeclared_prefix"),
        ("revocation_type1", "1", 3, 1, 1, None),
        ("gateway_three_attachments", "0", 1, 3, 0, None),
        ("gateway_organid_null", None, 1, 1, 0, None),
    ],
)
def test_documents(
    make_settings: Make, name: str, business_type: str | None, to: int, attachments: int, responses: int, repairs: str
) -> None:
    found = _edxml(make_settings(), name)
    assert (found["business_type"], found["repairs"]) == (business_type, repairs)
    counts = tuple(int(found[f"{k}_count"]) for k in ("recipient", "attachment", "response"))
    assert counts == (to, attachments, responses) == (len(json.loads(found["recipients"])), attachments, responses)


def test_traps_of_documents(make_settings: Make) -> None:
    new = _edxml(make_settings(), "new_type0_junk_before_prolog")
    recall = _edxml(make_settings(), "revocation_type1")
    assert new["document_id"] == recall["document_id"]
    assert (new["code_number"], new["promulgated_on"], new["due_on"]) == ("74fass22", "2019-01-16", "2018-09-28")
    assert "9fbfbad2" not in json.dumps(new), "the document inside the attachment was not received"
    gateway = _edxml(make_settings(), "gateway_organid_null")
    assert [t["agency_code"] for t in json.loads(gateway["traces"])] == [None, None]
    assert gateway["sender_agency_code"] == json.loads(gateway["recipients"])[0]["agency_code"]
    assert json.loads(_edxml(make_settings(), "test_undeclared_xlink")["attachments"])[0]["size_bytes"] is None


@pytest.mark.parametrize("name", [*DOCUMENTS, *(f"status_{s}" for s in STATUSES)])
def test_no_person_leaves_landing(make_settings: Make, name: str) -> None:
    data = _real(f"edxml_{name}.edxml")
    package = prepared(make_settings(), "idesk.edxml", f"{name}_20260610T010000.edxml", data)
    kept = "\n".join(str(v) for v in package.rows("columns(*)")[0])
    files = re.findall(r"AttachmentName>([^<]+)<", data.decode())
    for personal in (*PEOPLE, *files):
        assert personal not in kept, personal


@pytest.mark.parametrize("name", ["gateway_three_attachments", "status_06_finish"])
def test_inspect_knows_edxml(name: str) -> None:
    assert _real(f"edxml_{name}.edxml")
    found = inspect_file(FIXTURES / f"edxml_{name}.edxml")
    assert (found.format, found.stream, found.refusal) == ("edXML", "idesk.edxml", None)
