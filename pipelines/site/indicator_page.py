"""What the page of one indicator holds: its definition, its variants side by side, its course, and all agencies."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipelines.domain.labels import CERTAINTIES, SYSTEMS, Text, text_of
from pipelines.domain.on_time import DENOMINATORS as DENOMINATOR_CODES
from pipelines.domain.on_time import RULES as RULE_CODES
from pipelines.site.charts import Chart
from pipelines.site.figures.heat import HeatRow
from pipelines.site.figures.levels import LevelFigures
from pipelines.site.figures.province import Indicator, Province
from pipelines.site.figures.reading import Rows
from pipelines.site.heat_tables import HeatColumn, HeatTable, heat_table
from pipelines.site.markup import SHARE
from pipelines.site.outlooks import target_table
from pipelines.site.tables import Column, Link, Reason, Table
from pipelines.site.trends import level_trend
from pipelines.site.words import BETTER, DENOMINATORS, LEVELS, OVER_TIME, RULES, UNITS, basis

# Indicators that answer the same question in different ways, to be read beside each other.
_FAMILIES = (
    ("WORK_FILE_A", "WORK_FILE_B", "WORK_FILE_C"),
    ("DOSSIER_EARLY", "DOSSIER_ON_TIME", "DOSSIER_LATE", "DOSSIER_UNEXPLAINED", "DOSSIER_HANDLED_766"),
    (
        "DOSSIER_ONLINE",
        "DOSSIER_ONLINE_SERVICES",
        "DOSSIER_ONLINE_PARTIAL",
        "DOSSIER_ONLINE_FULL",
        "DOSSIER_ONLINE_766",
    ),
    ("DOC_OUTGOING_ELECTRONIC", "DOC_SIGNED_PERSON", "DOC_SIGNED_AGENCY", "DOC_SIGNED_BOTH"),
    ("MAIL_ACTIVE", "STAFF_MAIL", "STAFF_IDESK", "STAFF_IGATE"),
    ("SURVEY_SATISFACTION", "DOSSIER_RATED_SATISFIED", "DOSSIER_SATISFACTION_766"),
    ("DOSSIER_OPEN_IN_TIME", "DOSSIER_OPEN_LATE", "DOSSIER_OPEN_DUE_24H"),
)
_BY_RULE = _FAMILIES[1]


class IndicatorPage(NamedTuple):
    """All parts; ``facts`` are label and text."""

    indicator: Indicator
    facts: tuple[tuple[Text, Text], ...]
    variants: Table | None
    rules: Table | None
    trend: Chart | None
    targets: Table | None
    heat: HeatTable | None


def indicator_page(
    indicator: Indicator, told: Province, levels: LevelFigures, rates: Rows, heat: list[HeatRow]
) -> IndicatorPage:
    """The page of ``indicator``.

    Args:
        indicator: which.
        told: the province.
        levels: shares of the levels.
        rates: ``rule_code, denominator_code, value`` of the province in the newest month.
        heat: the cells of its agencies.
    """
    sums = {level: levels.months.get((indicator.code, level), []) for level in ("all", *told.levels)}
    targets = [(c, level, *row) for (c, level), rows in levels.targets.items() if c == indicator.code for row in rows]
    return IndicatorPage(
        indicator=indicator,
        facts=tuple(_facts(indicator)),
        variants=_variants(indicator, told, levels),
        rules=_rules(rates, told) if indicator.code in _BY_RULE else None,
        trend=level_trend(indicator, sums, told.months, told.levels) if sums["all"] else None,
        targets=target_table(targets, told, Text("Chỉ tiêu theo cấp", "Targets by level"), levels=True),
        heat=_heat(indicator, told, heat) if heat else None,
    )


def _facts(indicator: Indicator) -> list[tuple[Text, Text]]:
    facts = [
        (Text("Cách tính", "Formula"), indicator.formula),
        (Text("Căn cứ", "Legal basis"), basis(indicator.legal_basis)),
        (Text("Độ tin cậy của căn cứ", "Certainty of the basis"), text_of(CERTAINTIES, indicator.certainty)),
        (Text("Hệ thống", "System"), text_of(SYSTEMS, indicator.system)),
        (Text("Đơn vị", "Unit"), text_of(UNITS, indicator.unit)),
        (Text("Chiều", "Direction"), BETTER[indicator.better]),
        (Text("Theo thời gian", "Over time"), OVER_TIME[indicator.over_time]),
    ]
    if indicator.line_766:
        facts.append(
            (Text("Dòng của bộ chỉ số 766", "Line of the 766 index"), Text(indicator.line_766, indicator.line_766))
        )
    if indicator.missing:
        facts.append((Text("Chưa có dữ liệu", "Not fed"), indicator.missing))
    return facts


def _variants(indicator: Indicator, told: Province, levels: LevelFigures) -> Table | None:
    family = next((f for f in _FAMILIES if indicator.code in f), ())
    shown = [told.indicator[code] for code in family if code in told.indicator]
    if len(shown) < 2:
        return None
    year = told.month.replace(month=1)
    columns = (
        Column(Text("Chỉ số", "Indicator")),
        Column(Text("Cách tính", "Formula")),
        Column(Text("Độ tin cậy", "Certainty")),
        *(Column(LEVELS[level], SHARE) for level in ("all", *told.levels)),
    )
    rows = []
    for one in shown:
        values = [levels.at(one.code, level, year, year=True) for level in ("all", *told.levels)]
        shares = [Reason("no_data") if v is None else v[2] for v in values]
        rows.append((Link(one.page, one.name), one.formula, text_of(CERTAINTIES, one.certainty), *shares))
    caption = Text(f"Các cách tính cạnh nhau, năm {year.year}", f"Variants side by side, {year.year}")
    return Table("variants", caption, columns, rows)


def _rules(rates: Rows, told: Province) -> Table | None:
    """One month under every rule and denominator: the same dossiers, other figures."""
    values: dict[tuple[str, str], Any] = {(rule, denominator): value for rule, denominator, value in rates}
    columns = (
        Column(Text("Quy tắc", "Rule")),
        Column(Text("Nghĩa là", "It means")),
        *(Column(DENOMINATORS[d], SHARE) for d in DENOMINATOR_CODES),
    )
    rows = [(r, RULES[r], *(values.get((r, d)) for d in DENOMINATOR_CODES)) for r in RULE_CODES]
    caption = Text(
        f"Tỷ lệ trước và đúng hạn của toàn tỉnh, tháng {told.month:%m/%Y}, theo từng quy tắc và mẫu số",
        f"Share early and on time of the province, {told.month:%m/%Y}, by rule and denominator",
    )
    return Table("rules", caption, columns, rows) if rates else None


def _heat(indicator: Indicator, told: Province, rows: list[HeatRow]) -> HeatTable:
    columns = [HeatColumn(Text(f"{m:%m/%y}", f"{m:%m/%y}"), str(m.year)) for m in told.months]
    years = sorted({c.group for c in columns}, reverse=True)
    caption = Text(f"{indicator.name.vi}, cơ quan và tháng", f"{indicator.name.en}, agencies and months")
    return heat_table(caption, columns, rows, told, [(y, Text(f"Năm {y}", y)) for y in years])
