"""The catalogue says only what can be, and everything that is made of it is in step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from pipelines.domain.indicators import Catalogue
from pipelines.flows.indicator_catalogue import CATALOGUE, PAGE, catalogue, generated

SAID = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))


def test_what_is_made_of_it_is_in_step() -> None:
    """``python -m pipelines.flows.indicator_catalogue`` renews it."""
    stale = [path.name for path, text in generated(catalogue()).items() if path.read_text(encoding="utf-8") != text]
    assert stale == []


def test_it_has_every_row_of_the_domain() -> None:
    """domain.md §6 and every line of §1.2, by the name it has here."""
    codes = {i.code for i in catalogue().indicators}
    assert codes >= {
        *("DOSSIER_EARLY", "DOSSIER_ON_TIME", "DOSSIER_LATE", "DOSSIER_UNEXPLAINED"),
        *("DOSSIER_OPEN_IN_TIME", "DOSSIER_OPEN_LATE", "DOSSIER_OPEN_DUE_24H", "DOSSIER_LATE_RECEPTION"),
        *("DOSSIER_ONLINE", "DOSSIER_ONLINE_SERVICES", "DOSSIER_ONLINE_PARTIAL", "DOSSIER_ONLINE_FULL"),
        *("PROCEDURE_ONLINE_USED", "DOSSIER_POSTAL", "DOSSIER_POSTAL_RETURN", "DOSSIER_PAID_ONLINE"),
        *("DOSSIER_DIGITISED", "RESULT_ELECTRONIC", "DOSSIER_REUSED", "DOSSIER_APOLOGY"),
        *("SURVEY_SATISFACTION", "DOSSIER_RATED_SATISFIED", "DOSSIER_SATISFACTION_766"),
        *("DOC_OUTGOING_ELECTRONIC", "DOC_SIGNED_PERSON", "DOC_SIGNED_AGENCY", "DOC_SIGNED_BOTH"),
        *("DOC_INCOMING_ON_TIME", "DOC_INCOMING_SAME_DAY", "WORK_FILE_A", "WORK_FILE_B", "WORK_FILE_C"),
        *("MAIL_ACTIVE", "PAR_SCORE", "PAR_RANK", "PAR_INITIATIVES", "CONTACT_SUPPORT", "WEBSITE_POSTS"),
    }
    lines = {line.line for line in catalogue().lines_766}
    assert lines == {
        *("1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6"),
        *("4.1", "4.2", "4.3", "4.4–4.5", "5.1–5.2", "5.3", "5.4"),
    }


def test_a_reader_finds_each_definition() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for i in catalogue().indicators:
        assert f"## `{i.code}`" in page
        assert i.formula.vi in page
        assert i.formula.en in page
        assert i.formula.vi != i.formula.en


def _spoil(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(yaml.safe_dump(SAID))
    change(said)
    return said


FAULTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "stand twice": lambda s: s["indicators"].append(s["indicators"][0]),
    "that no indicator has": lambda s: s["lines_766"][0].update(indicator="NOWHERE"),
    "its lines have": lambda s: s["lines_766"][0].update(max_points=5),
    "do not add up to 100": lambda s: s["groups_766"][0].update(max_points=17),
    "either an indicator or a reason": lambda s: s["lines_766"][0].pop("indicator"),
    "only a share can have a target": lambda s: next(i for i in s["indicators"] if i.get("targets")).update(
        unit="rank"
    ),
    "Extra inputs are not permitted": lambda s: s["indicators"][0].update(colour="red"),
    "less than or equal to 1": lambda s: next(i for i in s["indicators"] if i.get("targets"))["targets"][0].update(
        target=90
    ),
}


@pytest.mark.parametrize("told", FAULTS)
def test_what_cannot_be_is_refused(told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Catalogue.model_validate(_spoil(FAULTS[told]))
