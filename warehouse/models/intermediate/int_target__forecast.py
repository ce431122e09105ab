"""The straight line through the last months of each series, ten years on; see docs/decisions/0012."""

from __future__ import annotations

from typing import Any

from pipelines.flows.trend import WINDOW, forecasts


def model(dbt: Any, session: Any) -> Any:  # noqa: ARG001 - dbt calls it with both
    """A row for each series and month to come: level or agency, fitted share, bounds, monthly pace."""
    dbt.config(materialized="table")
    series = dbt.ref("int_target__series")
    recent = series.filter(f"period_type = 'month' and place <= {WINDOW}").order(
        "indicator_code, level, agency_code, period_start"
    )
    return forecasts(recent.to_arrow_table())
