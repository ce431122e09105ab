"""Makes of ``warehouse/indicators.yml`` what the warehouse and its readers need, so that nothing is written twice.

The seeds, the wide report (one column for each indicator) and ``docs/indicators.md``. Run as
``python -m pipelines.flows.indicator_catalogue`` after a change of the catalogue.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pipelines.domain.indicators import Catalogue, Indicator, Line766
from pipelines.domain.yaml_file import read_yaml
from pipelines.flows.render import page

_ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = _ROOT / "warehouse" / "indicators.yml"
_SEEDS = _ROOT / "warehouse" / "seeds"
_MARTS = _ROOT / "warehouse" / "models" / "marts"
PAGE = _ROOT / "docs" / "indicators.md"


@cache
def catalogue() -> Catalogue:
    """The catalogue as written.

    Raises:
        pydantic.ValidationError: it says something that cannot be.
    """
    return Catalogue.model_validate(read_yaml(CATALOGUE))


def generated(said: Catalogue) -> dict[Path, str]:
    """Every file that is made of the catalogue, with its text."""
    return {
        _SEEDS / "indicators.csv": _csv(_indicator_rows(said)),
        _SEEDS / "indicator_targets.csv": _csv(_target_rows(said)),
        _SEEDS / "score_766_groups.csv": _csv(_group_rows(said)),
        _SEEDS / "score_766_lines.csv": _csv(_line_rows(said)),
        _MARTS / "rpt_indicator_wide.sql": page("rpt_indicator_wide.sql.j2", indicators=said.indicators) + "\n",
        _MARTS / "_indicator_wide.yml": page("rpt_indicator_wide.yml.j2", indicators=said.indicators) + "\n",
        PAGE: page("indicators.md.j2", said=said, targets=_target_rows(said)) + "\n",
    }


def _csv(rows: Iterable[dict[str, object]]) -> str:
    told = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(told[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return text.getvalue()


def _indicator_rows(said: Catalogue) -> list[dict[str, object]]:
    return [_indicator_row(i, said.lines_of(i.code)) for i in said.indicators]


def _indicator_row(indicator: Indicator, lines: tuple[Line766, ...]) -> dict[str, object]:
    missing = indicator.not_fed
    return {
        "indicator_code": indicator.code,
        "system": indicator.system,
        "name_vi": indicator.name.vi,
        "name_en": indicator.name.en,
        "legal_basis": indicator.legal_basis,
        "certainty": indicator.certainty,
        "formula_vi": indicator.formula.vi,
        "formula_en": indicator.formula.en,
        "unit": indicator.unit.value,
        "better": indicator.better,
        "over_time": indicator.over_time.value,
        "line_766": ", ".join(line.line for line in lines),
        "na_reason": "not_fed" if missing else "",
        "missing_vi": missing.vi if missing else "",
        "missing_en": missing.en if missing else "",
    }


def _target_rows(said: Catalogue) -> list[dict[str, object]]:
    return [
        {
            "indicator_code": indicator.code,
            "level": target.level,
            "target_on": target.target_on.isoformat(),
            "target": target.target,
            "source": target.source,
            "certainty": target.certainty,
        }
        for indicator in said.indicators
        for target in indicator.targets
    ]


def _group_rows(said: Catalogue) -> list[dict[str, object]]:
    return [
        {"group_number": g.number, "name_vi": g.name.vi, "name_en": g.name.en, "max_points": g.max_points}
        for g in said.groups_766
    ]


def _line_rows(said: Catalogue) -> list[dict[str, object]]:
    return [
        {
            "line": line.line,
            "group_number": line.group,
            "name_vi": line.name.vi,
            "name_en": line.name.en,
            "max_points": line.max_points,
            "full_at": line.full_at,
            "indicator_code": line.indicator or "",
            "factor_code": line.factor or "",
            "na_reason": line.na_reason or "",
            "certainty": line.certainty,
            "full_at_certainty": line.full_at_certainty or "",
        }
        for line in said.lines_766
    ]


def main() -> None:
    """Write every file, and say which."""
    for path, text in generated(catalogue()).items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
