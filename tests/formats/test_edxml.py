"""edXML made by hand: what is mended, what is refused, what is never read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.domain.errors import DataRefused
from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.load import load
from pipelines.flows.quarantine_export import quarantine_export
from pipelines.flows.validate import validate
from pipelines.formats import edxml, edxml_tree
from pipelines.formats.edxml import Fields, read_message
from pipelines.settings import Settings
from tests.formats.taken_in import prepared

Make = Callable[..., Settings]
SPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
HEADER = """
<e:From><e:OrganId>000.00.12.H15</e:OrganId><e:OrganName>Sở Thử</e:OrganName></e:From>
<e:To><e:OrganID>H15.03</e:OrganID></e:To><e:To><e:Organld>H15.04</e:Organld></e:To>
<e:DocumentId>000.00.12.H15,2021/03/04,15/STT</e:DocumentId>
<e:PromulgationInfo><e:PromulgationDate>2021/03/04</e:PromulgationDate></e:PromulgationInfo>
<e:Subject>Về việc ông có số 001234567890</e:Subject><e:Signerlnfo><e:FullName>Người Ký</e:FullName></e:Signerlnfo>
"""
ATTACHED = "<AttachmentEncoded><Attachment><AttachmentName>don.pdf</AttachmentName>{}</Attachment></AttachmentEncoded>"


def message(header: str = HEADER, *, after: str = "", trace: str = "", before: str = '<?xml version="1.0"?>\n') -> str:
    return (
        f'{before}<edXML xmlns="{SPACE}" xmlns:e="{SPACE}"><e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader>{header}'
        f"</e:MessageHeader>{trace}</e:edXMLHeader></e:edXMLEnvelope>{after}</edXML>"
    )


def _read(tmp_path: Path, data: str | bytes) -> Fields:
    path = tmp_path / "m.edxml"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_message(path, file_name="m.edxml")


def test_three_spellings_of_a_name_are_one(tmp_path: Path) -> None:
    found = _read(tmp_path, message())
    assert [r["agency_code"] for r in json.loads(found["recipients"] or "")] == ["H15.03", "H15.04"]
    assert (found["recipient_count"], found["signer_name"]) == ("2", "Người Ký")


@pytest.mark.parametrize("declared", [True, False])
def test_a_business_type_and_staff(tmp_path: Path, declared: bool) -> None:
    prefix = "e:" if declared else "x:"
    trace = (
        f"<{prefix}TraceHeaderList><{prefix}Bussiness><{prefix}BussinessDocType>3</{prefix}BussinessDocType>"
        f"<{prefix}StaffInfo><{prefix}Mobile>0912</{prefix}Mobile></{prefix}StaffInfo>"
        f"</{prefix}Bussiness></{prefix}TraceHeaderList>"
    )
    found = _read(tmp_path, message(trace=trace))
    assert (found["business_type"], found["staff_phone"]) == ("3", "0912")
    assert found["repairs"] == (None if declared else "undeclared_prefix")


@pytest.mark.parametrize("before", ["1212", "\ufeff", "\n \n", "\ufeffrác <?xml version='1.0'?>", "<!-- a -->"])
def test_what_stands_before_the_root(tmp_path: Path, before: str) -> None:
    found = _read(tmp_path, message(before=before))
    assert found["document_id"] == "000.00.12.H15,2021/03/04,15/STT"
    assert (found["repairs"] == "junk_before_prolog") == ("12" in before or "rác" in before)


@pytest.mark.parametrize(
    ("text", "size"), [("QUJD", 3), ("QUI=\n", 2), ("QQ==", 1), ("", 0), ("${x}", None), ("QUJ", None)]
)
def test_attachments_are_measured_and_not_kept(tmp_path: Path, text: str, size: int | None) -> None:
    content = f"<ContentTransferEncoded>{text}</ContentTransferEncoded>"
    found = _read(tmp_path, message(after=ATTACHED.format(content)))
    (item,) = json.loads(found["attachments"] or "")
    assert item["size_bytes"] == (None if size is None else str(size))
    assert "QUJ" not in json.dumps(found)


def test_empty_responses_are_none_and_null_is_no_code(tmp_path: Path) -> None:
    empty = "<e:ResponseFor><e:OrganId> </e:OrganId><e:Code/></e:ResponseFor>"
    more = f"{empty}<e:ResponseFor><e:Code>1/A</e:Code></e:ResponseFor>"
    found = _read(tmp_path, message(HEADER.replace("000.00.12.H15</", "null</") + more))
    assert (found["response_count"], found["response_symbol"], found["sender_agency_code"]) == ("1", "1/A", None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (message().replace("</e:Subject>", ""), "not well-formed"),
        (message()[:-20], "not well-formed"),
        (message("<e:Subject>a & b</e:Subject>"), "not well-formed"),
        (message("<e:Subject>&nbsp;</e:Subject>"), "not well-formed"),
        (f'<edXML xmlns="{SPACE}"><a/></edXML>', "is no edXML message"),
        ("<html><edXML /></html>", "not well-formed"),
        (message(before='<!DOCTYPE edXML [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "brings a DTD"),
        (message(HEADER + "<a>" * 40 + "</a>" * 40), "nests deeper than 32"),
        (b"<?xml version='1.0' encoding='UTF-7'?>" + message(before="").encode() + b"\xff", "not well-formed"),
    ],
)
def test_refusals(tmp_path: Path, data: str | bytes, said: str) -> None:
    with pytest.raises(DataRefused, match=said) as refused:
        _read(tmp_path, data)
    assert "\n" not in str(refused.value)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = "x" * (edxml_tree.LONGEST_TEXT + 1)
    with pytest.raises(DataRefused, match="<Subject> holds more than"):
        _read(tmp_path, message(f"<e:Subject>{big}</e:Subject>"))
    many = "<e:To/>" * edxml_tree.MOST_ELEMENTS
    with pytest.raises(DataRefused, match="elements"):
        _read(tmp_path, message(many))
    content = f"<ContentTransferEncoded>{'QUJD' * 3_000_000}</ContentTransferEncoded>"
    found = _read(tmp_path, message(after=ATTACHED.format(content)))
    assert json.loads(found["attachments"] or "")[0]["size_bytes"] == "9000000"
    monkeypatch.setattr(edxml, "LARGEST", 100)
    with pytest.raises(DataRefused, match="larger than"):
        _read(tmp_path, message())


def test_entities_in_attributes_never_reach_the_parser(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE edXML [<!ENTITY l0 "x">{levels}]>'
    with pytest.raises(DataRefused, match="DTD"):
        _read(tmp_path, message('<e:Subject a="&l11;"/>', before=bomb))


def test_a_message_is_a_row_and_its_people_are_hashed(make_settings: Make) -> None:
    package = prepared(make_settings(), "idesk.edxml", "m_20210304T010000.edxml", message(after=ATTACHED.format("")))
    ((signer, subject, on, attachments),) = package.rows("signer_name", "subject", "promulgated_on", "attachments")
    assert signer.startswith("p_")
    assert "001234567890" not in subject
    assert on == "2021-03-04"
    assert "don.pdf" not in attachments
    assert package.told["format"] == "edxml"


def test_a_message_in_another_stream_is_refused_and_so_is_another_file_here(make_settings: Make) -> None:
    refusal = prepared(make_settings(), "idesk.incoming", "m_20210304T010000.edxml", message()).result.refusal
    assert refusal is not None
    assert "idesk/edxml" in refusal
    for data in ("<?xml version='1.0'?><a/>", "Số đến,Ngày\n1,2\n", "[1]"):
        refusal = prepared(make_settings(), "idesk.edxml", "n_20210304T010000.edxml", data).result.refusal
        assert refusal is not None
        assert "idesk.edxml" in refusal


def test_a_status_at_fault_comes_home(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    header = "<e:From><e:OrganId>H15.03</e:OrganId></e:From><e:StatusCode>99</e:StatusCode>"
    package = prepared(settings, "idesk.edxml", "m_20210304T010000.edxml", message(header))
    assert package.column("kind") == ["status"]
    (verdict,) = validate(settings)
    assert (verdict.passed, verdict.failed_rows) == (True, 1)
    load(settings)
    (written,) = quarantine_export(settings, output=tmp_path)
    text = written.path.read_text(encoding="utf-8-sig")
    assert "StatusCode" in text
    assert "Ngoài danh mục cho phép" in text
    assert "không nói về văn bản nào" in text


def test_inspect_tells_what_was_mended(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_text(message(before="rác "), encoding="utf-8")
    found = inspect_file(path)
    assert (found.format, found.described) == ("edXML", "one document, mended: junk_before_prolog")
    assert inspect_file(path, stream="igate.steps").refusal is not None


BARE = '<edXMLEnvelope xmlns="http://www.go.vn/eDoc"><MessageHeader>{}</MessageHeader>{}</edXMLEnvelope>'
SOAP = (
    '<?xml version="1.0"?><soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:e="x">'
    '<soap-env:Header><e:MessageHeader Original="false">{}</e:MessageHeader></soap-env:Header>'
    "<soap-env:Body>{}</soap-env:Body></soap-env:Envelope>"
)


@pytest.mark.parametrize(
    ("frame", "attached", "size"),
    [
        (
            BARE,
            f"<Attachment><FileName>don.pdf</FileName><Content>{'QUJD' * 700_000}</Content></Attachment>",
            "2100000",
        ),
        (
            SOAP,
            "<e:Manifest><e:Reference><e:AttachmentName>don.pdf</e:AttachmentName></e:Reference></e:Manifest>",
            None,
        ),
    ],
)
def test_a_message_without_the_frame_of_the_standard(
    make_settings: Make, tmp_path: Path, frame: str, attached: str, size: str | None
) -> None:
    data = frame.format(HEADER if frame is SOAP else HEADER.replace("e:", ""), attached)
    found = _read(tmp_path, data)
    assert (found["sender_agency_code"], found["recipient_count"]) == ("000.00.12.H15", "2")
    (one,) = json.loads(found["attachments"] or "")
    assert (one["file_name"], one["size_bytes"]) == ("don.pdf", size)
    assert inspect_file(tmp_path / "m.edxml").stream == "idesk.edxml"
    assert prepared(make_settings(), "idesk.edxml", "m_2021_20210401T010000.edxml", data).result.rows == 1


def test_soap_of_something_else_is_no_message(make_settings: Make) -> None:
    data = '<s:Envelope xmlns:s="x"><s:Header/><s:Body><Get>1</Get></s:Body></s:Envelope>'
    assert prepared(make_settings(), "idesk.edxml", "m.edxml", data).result.refusal is not None
