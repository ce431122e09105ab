"""What the heat page holds: every agency and the indicators that stand for the systems, over a period."""

from __future__ import annotations

from pipelines.domain.labels import Text
from pipelines.site.figures.heat import HEAT, HeatRow, heat_periods
from pipelines.site.figures.province import Province
from pipelines.site.heat_tables import HeatColumn, HeatTable, heat_table


def shown_codes(told: Province) -> list[str]:
    """The indicators that the heat page shows and the catalogue has."""
    return [code for code in HEAT if code in told.indicator]


def heat_page(told: Province, rows: list[HeatRow]) -> HeatTable:
    """Agencies by indicator; the newest month, or a year."""
    groups = [
        ("month", Text(f"Tháng {told.month:%m/%Y}", f"{told.month:%m/%Y}"))
        if year is None
        else (str(year), Text(f"Năm {year}", str(year)))
        for _, year in heat_periods(told)
    ]
    names = [told.indicator[code].name for code in shown_codes(told)]
    columns = [HeatColumn(name, group) for group, _ in groups for name in names]
    caption = Text("Cơ quan và chỉ số, %", "Agencies and indicators, %")
    return heat_table(caption, columns, rows, told, groups)
