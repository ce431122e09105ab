"""The contracts: there, valid, and strict about what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml
from pydantic import ValidationError

import pipelines.sources.registry as registry
from pipelines.domain.contracts import Contract, Privacy
from pipelines.domain.errors import WrongUse
from pipelines.domain.rule_messages import SHARED, message_of
from pipelines.formats.headers import find_header
from pipelines.formats.log import log_rows_sql
from pipelines.sources import schema
from pipelines.sources.registry import all_contracts, contract_for

CONTRACTS = all_contracts()
BASE: dict[str, Any] = {
    **{"source": "a", "stream": "b", "version": 1, "title": {"vi": "x", "en": "x"}, "formats": ["delimited"]},
    "columns": [{"name": "c", "label": "C"}],
}
STREAMS = {
    "igate": {"dossiers", "steps", "form06"},
    "idesk": {"incoming", "outgoing", "work_files", "edxml"},
    "mail": {"postfix", "zimbra_audit", "zimbra_mailbox", "exchange_tracking", "dovecot", "accounts"},
    "reference": {
        *("agencies", "procedures", "staff", "survey", "par_index", "national_portal", "website_posts", "targets"),
        "initiatives",
    },
}


def test_the_schema_is_that_of_the_model() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.schema_text()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_every_contract_fits_the_schema(contract: Contract) -> None:
    path = schema.PATH.with_name(contract.source) / f"{contract.stream}.yml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(written, json.loads(schema.PATH.read_text(encoding="utf-8")))


def test_the_schema_refuses_what_it_does_not_know() -> None:
    known = json.loads(schema.PATH.read_text(encoding="utf-8"))
    jsonschema.validate(BASE, known)
    for wrong in (BASE | {"colour": "red"}, BASE | {"columns": [{"name": "Not Snake", "label": "C"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, known)


def test_every_stream_has_its_contract() -> None:
    found: dict[str, set[str]] = {}
    for contract in CONTRACTS:
        found.setdefault(contract.source, set()).add(contract.stream)
    for source, streams in STREAMS.items():
        assert streams <= found[source]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_every_header_of_a_contract_means_its_own_column(contract: Contract) -> None:
    for column in contract.columns:
        for label in (column.label, *column.aliases, column.name):
            required = [c.label for c in contract.columns if c.required and c is not column]
            header = find_header([[label, *required]], contract, file_name="x") if contract.log is None else None
            assert header is None or header.columns[column.name] == 0, label


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_columns_that_name_a_person_are_never_plain(contract: Contract) -> None:
    telling = ("_phone", "_email", "id_number", "full_name", "applicant_name", "officer_name", "mail_address", "sender")
    for column in contract.columns:
        if column.name.endswith(telling):
            assert column.privacy is not Privacy.NONE, column.name


@pytest.mark.parametrize("contract", [c for c in CONTRACTS if c.log], ids=lambda c: c.name)
def test_log_patterns_compile_and_name_columns(contract: Contract) -> None:
    import re

    assert contract.log is not None
    duckdb.execute("create or replace temp table raw (rn bigint, line varchar, shape integer)")
    duckdb.execute(f"select * from ({log_rows_sql(contract, contract.log)})")
    known = {c.name for c in contract.columns}
    for shape in contract.log.shapes:
        assert set(re.findall(r"\(\?P<(\w+)>", shape.pattern)) | set(shape.constants) <= known


def test_an_unknown_stream_names_those_that_exist() -> None:
    with pytest.raises(WrongUse, match=r"no stream igate\.x") as error:
        contract_for("igate", "x")
    assert "igate.dossiers" in error.value.next_step


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ["d"]}, "unknown column d"),
        ({"columns": [{"name": "c", "label": "C"}, {"name": "c", "label": "D"}]}, "stands twice"),
        ({"formats": ["log"]}, "a log format needs"),
        ({"columns": [{"name": "Có Dấu", "label": "C"}]}, "pattern"),
        ({"columns": [{"name": "c", "label": "C", "typo": 1}]}, "typo"),
        ({"rules": [{"code": "r", "columns": ["x"], "fault": "true", "message": {"vi": "x", "en": "x"}}]}, "column x"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Contract.model_validate(BASE | changes)


@pytest.mark.parametrize("text", ["source: [", "source: x\n", "source: a\nstream: c\n"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a" / "b.yml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse, match=r"b\.yml"):
        registry._load(path)


def test_a_contract_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    import yaml

    path = tmp_path / "other" / "b.yml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(BASE), encoding="utf-8")
    with pytest.raises(WrongUse, match=r"calls itself a\.b"):
        registry._load(path)


def test_every_rule_has_words_in_both_languages() -> None:
    for contract in CONTRACTS:
        for rule in contract.rules:
            assert message_of(contract, rule.code) == rule.message
        assert message_of(contract, "bad_date") is SHARED["bad_date"]
        assert message_of(contract, "never heard of").vi == "never heard of"
    for message in (*SHARED.values(), *(r.message for c in CONTRACTS for r in c.rules)):
        assert message.vi
        assert message.en
        assert message.vi != message.en
