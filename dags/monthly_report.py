"""The DAG of the month: the inspection of every department and district for the month that ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags import policies
from pipelines.settings import Settings
from pipelines.storage.atomic import whole_file
from pipelines.storage.home import Home

_DOC = """
### The report of the month

On the first of a month at seven: renews the pages, then writes the inspection of every department and district for
the month that ended, as HTML and CSV, to `published/reports/<YYYY-MM>/`. Figures come from the published snapshot,
so a report and a dashboard cannot differ. Written again, a report takes the place of the former one.

* Param `month`: another month, `YYYY-MM`.
* Runbook: `docs/operations.md`.
"""
_LEVELS = ("province", "district")


def month_wanted() -> date:
    """First day of the month to report: the param, or the month before the run."""
    context = get_current_context()
    if wanted := context["params"]["month"]:
        return date.fromisoformat(f"{wanted}-01")
    run = context["dag_run"]
    moment: datetime = run.logical_date or run.run_after
    return (moment.astimezone(policies.ZONE).date().replace(day=1) - timedelta(days=1)).replace(day=1)


@task(doc_md="Pages of the published snapshot.")
def report() -> dict[str, int]:
    """Write the pages anew."""
    from pipelines.flows.report import report as step
    from pipelines.storage.snapshots import current_name

    settings = Settings()
    if current_name(Home(settings.home)) is None:
        raise AirflowSkipException("Nothing is published yet.")
    return {"pages": len(step(settings).pages) + 1}


@task(doc_md="Codes of the departments and districts that the headline lists.")
def agencies() -> list[str]:
    """Who is to be reported on."""
    from pipelines.flows.headline import headline
    from pipelines.storage.snapshots import open_current

    settings = Settings()
    connection = open_current(Home(settings.home))
    try:
        found = headline(connection, rule=settings.default_rule)
    finally:
        connection.close()
    return [a.agency_code for a in found.agencies if a.level in _LEVELS] if found else []


@task(map_index_template="{{ label }}", doc_md="The inspection of one agency, as HTML and CSV.")
def inspect(agency: str) -> dict[str, int]:
    """Write one agency's inspection of the month."""
    from pipelines.flows.inspection import inspection
    from pipelines.flows.render import render

    settings, month = Settings(), month_wanted()
    found = inspection(settings, agency=agency, start=month, end=month)
    get_current_context()["label"] = f"{found.agency_code} {found.agency_name}"  # type: ignore[typeddict-unknown-key]
    folder = Home(settings.home).published / "reports" / f"{month:%Y-%m}"
    for form in ("html", "csv"):
        with whole_file(folder / f"agency-{found.agency_code}.{form}") as draft:
            draft.write_text(render(found, form), encoding="utf-8", newline="")
    return {"received": found.received, "resolved": found.resolved, "unexplained": found.unexplained}


@dag(
    dag_id="cchc_monthly_report",
    schedule=CronTriggerTimetable(policies.MONTHLY_AT, timezone=policies.ZONE.key),
    start_date=policies.START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=policies.RUN_TIMEOUT,
    default_args=policies.DEFAULT_ARGS,
    tags=["cchc", "report"],
    doc_md=_DOC,
    params={
        "month": Param(
            None, type=["null", "string"], pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Another month, YYYY-MM."
        )
    },
)
def monthly_report() -> None:
    """Renew the pages, then inspect each agency."""
    listed = agencies()
    report() >> listed
    inspect.expand(agency=listed)


monthly_report()
