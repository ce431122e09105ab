"""``docs/quick-start.md`` is followed: its own commands in their order, and what they print beside what it shows."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Program
from tests.docs.following import DOCS, Follower, blocks, prints
from tests.few_marts import few_marts
from tests.forked_dbt import forked_dbt


def test_a_newcomer_gets_where_the_page_leads(filled: Program, tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    agencies = tmp_path / "data" / "demo" / "exports" / "reference" / "agencies"
    agencies.mkdir(parents=True)
    (taken,) = (filled.home / "inbox" / "reference" / "agencies").glob("*.csv")  # as the demonstration simulates them
    (agencies / "agencies_all_20210501T010000.csv").write_bytes(taken.read_bytes())
    with forked_dbt(), few_marts():
        for block in blocks(DOCS / "quick-start.md"):
            printed = follower.type_within(block.text)
            if block.printed is not None:
                assert prints(block.printed, printed), f"{block.text}\nprinted\n{printed}\ninstead of\n{block.printed}"


def test_what_is_shown_must_be_what_is_printed() -> None:
    assert prints("a  \nb … d\n…\nz", "a\nb c d\n\nanything\nz\n")
    assert not prints("a\nb", "a\nb\nc"), "what the page leaves out it must say"
    assert not prints("1 held back", "2 held back")
