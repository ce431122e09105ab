"""Single messages of Postfix with the field values that the authors of a collection expect (``../shared/fixtures``)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.domain.pseudonyms import pseudonym
from pipelines.settings import Settings
from tests.conftest import TEST_KEY
from tests.formats.taken_in import prepared

Make = Callable[..., Settings]
MESSAGES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "postfix_message_lines_with_expected.jsonl"
_DELIVERING = ("SMTP", "LMTP", "PIPE", "LOCAL", "VIRTUAL", "ERROR", "DISCARD")


def _records() -> list[dict[str, Any]]:
    assert MESSAGES.is_file(), f"{MESSAGES} is missing: this test needs the shared folder beside the checkout"
    return [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def _program(record: dict[str, Any]) -> str:
    return str(record["pattern"]).strip("^$%{}").removeprefix("POSTFIX_")


def _address(text: str) -> str:
    local_and_domain = text.lower()
    hashed = pseudonym(TEST_KEY.encode(), local_and_domain)
    return f"{hashed}@{local_and_domain.rsplit('@', 1)[1]}" if "@" in local_and_domain else hashed


def _pairs(record: dict[str, Any]) -> dict[str, str]:
    """``to=<a>, relay=b`` of the authors' ``keyvalue_data``, brackets off."""
    text = str(record["results"].get("postfix_keyvalue_data", ""))
    found = (pair.split("=", 1) for pair in text.rstrip(",").split(", ") if "=" in pair)
    return {key: value.strip("<>") for key, value in found}


def test_each_message_gives_what_its_authors_expect(make_settings: Make) -> None:
    records = _records()
    assert len(records) == 191
    lines = [str(r["data"]).split("\n", 1)[0] for r in records]
    log = "".join(
        f"Sep  1 10:00:00 mx postfix/{_program(r).lower()}[1]: {line}\n" for r, line in zip(records, lines, strict=True)
    )
    package = prepared(make_settings(), "mail.postfix", "messages_202609_20261001T010000.log", log)
    assert package.rejects() == []
    columns = ("_row_number", "event", "queue_id", "delivery_status", "recipient", "original_recipient", "relay", "dsn")
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in package.rows(*columns)}

    statuses: Counter[str] = Counter()
    for number, record in enumerate(records, start=1):
        expected, row = record["results"], rows.get(number)
        status = expected.get("postfix_status")
        if status or (_program(record) in _DELIVERING and " status=" in record["data"]):
            assert row is not None, record["data"]
            assert row["queue_id"] == expected["postfix_queueid"]
            if status:
                statuses[status] += 1
                assert row["delivery_status"] == status
        if row is not None and row["event"] == "delivery":
            pairs = _pairs(record)
            assert row["recipient"] == _address(pairs["to"]), record["data"]
            assert row["original_recipient"] == (_address(pairs["orig_to"]) if "orig_to" in pairs else None)
            assert (row["relay"], row["dsn"]) == (pairs["relay"], pairs["dsn"])
    assert statuses == {"sent": 9, "bounced": 4, "deferred": 2, "expired": 2, "undeliverable-but-not-cached": 1}


def test_who_sent_what_was_rejected_and_what_bounced(make_settings: Make) -> None:
    records = _records()
    counts: Counter[str] = Counter()
    for record in records:
        data = str(record["data"])
        counts["reject"] += data.startswith("NOQUEUE: reject: ")
        counts["bounce_notice"] += " notification: " in data
        counts["client"] += ": client=" in data
        counts["message_id"] += ": message-id=" in data
    log = "".join(f"Sep  1 10:00:00 mx postfix/x[1]: {str(r['data']).splitlines()[0]}\n" for r in records)
    package = prepared(make_settings(), "mail.postfix", "messages_202609_20261001T010000.log", log)
    events = Counter(package.column("event"))
    assert {event: events[event] for event in counts} == dict(counts)
