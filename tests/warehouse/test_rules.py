"""Rules of "on time" and denominators by name: the same in settings, models and gate; an unknown one is refused."""

from __future__ import annotations

import re

import pytest

from expectations.release import MARTS
from pipelines.cli.shell import begin
from pipelines.domain.errors import WrongUse
from pipelines.domain.on_time import DENOMINATORS, RULES
from pipelines.settings import Settings
from tests.warehouse.rendered import macro


def test_settings_know_the_rules_of_the_models() -> None:
    assert list(macro("dossier_rules")) == list(RULES) == list(macro("open_rules"))
    assert macro("dossier_denominators") == list(DENOMINATORS)
    settings = Settings()
    assert (settings.default_rule, settings.default_denominator) == ("R_PLAIN", "RESOLVED")


@pytest.mark.parametrize(
    ("setting", "kind", "names"),
    [("DEFAULT_RULE", "rule of 'on time'", RULES), ("DEFAULT_DENOMINATOR", "denominator", DENOMINATORS)],
)
def test_an_unknown_name_is_refused_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, setting: str, kind: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"CCHC_{setting}", "R_OWN")
    with pytest.raises(WrongUse, match=rf"CCHC_{setting}: .*R_OWN is no {kind}; there are {', '.join(names)}"):
        begin()


def test_the_gate_adds_up_every_cause() -> None:
    (resolution,) = (mart for mart in MARTS if mart.name == "rpt_dossier_resolution")
    added = {c for c in resolution.required if re.match("unexplained_.+_count", c)}
    assert added == {f"unexplained_{cause}_count" for cause in macro("unexplained_causes")}
