"""It does not matter in how many nights a province was taken in."""

from __future__ import annotations

from tests.warehouse.conftest import Content, Nights
from tests.warehouse.plain_sql import WAREHOUSE


def _differing(one: Content, other: Content) -> list[str]:
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]


def test_three_nights_brought_something_each(nights: Nights) -> None:
    """Without this the other tests could pass on nothing."""
    assert min(nights.batches) > 3
    for before, after in zip(nights.after, nights.after[1:], strict=False):
        changed = _differing(before, after)
        assert {"fct_dossier", "fct_dossier_step", "rpt_dossier_resolution", "rpt_indicator"} <= set(changed)
    empty = {name for name, (rows, *_) in nights.after[-1].items() if not rows}
    assert empty <= {"rpt_target_progress", "rpt_form06_check"}, "the sample has no form 06"


def test_several_builds_give_what_one_gives(nights: Nights) -> None:
    assert _differing(nights.after[-1], nights.from_scratch) == []


def test_only_the_first_night_reads_the_seeds(nights: Nights) -> None:
    seeds = len(list((WAREHOUSE / "seeds").glob("*.csv")))
    assert [nights.ran[0] - more for more in nights.ran[1:]] == [seeds] * (len(nights.ran) - 1)


def test_as_of_gives_what_was_known_on_that_day(nights: Nights) -> None:
    assert _differing(nights.after[1], nights.as_of_second) == []
    assert _differing(nights.after[2], nights.as_of_second) != []


def test_a_full_build_runs_the_tests_of_the_data(nights: Nights) -> None:
    """Models and seeds are about fifty; the rest are tests of keys, relationships and values."""
    with nights.warehouse() as connection:
        row = connection.execute(
            "select count(*) from information_schema.tables where table_schema in "
            "('staging', 'intermediate', 'marts', 'seeds')"
        ).fetchone()
    assert row is not None
    assert nights.tested > row[0] + 20
