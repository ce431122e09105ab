"""The DAG that brings out what is loaded: build → gate → publish → report."""

from __future__ import annotations

from airflow.sdk import AssetAll, AssetOrTimeSchedule, CronTriggerTimetable, Param, TriggerRule, dag, task
from airflow.sdk import get_current_context as context_of_task
from airflow.sdk.exceptions import AirflowSkipException

from dags import policies
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger

_DOC = """
### From the lake to published marts and pages

Runs when every source has loaded, or at five in the morning, whichever comes first. It brings out **everything**
that is loaded and not published yet, whatever woke it: a source that failed keeps its last good data and holds up
nobody. Steps with nothing to do are skipped.

* Red `gate`: nothing was published and readers keep the former snapshot; the log and the Data Docs name each
  expectation that failed. Mend the cause, then trigger this DAG.
* Red `build`: the log names the model. The build database is disposable: param `full_refresh` makes it anew.
* Runbook: `docs/operations.md`.
"""


@task(pool=policies.WRITER_POOL, execution_timeout=policies.LONG, doc_md="dbt: staging → intermediate → marts.")
def build() -> dict[str, int]:
    """Bring the build database up to what is loaded."""
    from pipelines.flows.build import build as step

    settings = Settings()
    if not Ledger(Home(settings.home).ledger).select(states=["loaded"]):
        raise AirflowSkipException("Nothing is loaded yet.")
    result = step(settings, full_refresh=bool(context_of_task()["params"]["full_refresh"]))
    if result.skipped:
        raise AirflowSkipException("Nothing new to build.")
    return {"files": len(result.batches), "models": result.models}


@task(trigger_rule=TriggerRule.NONE_FAILED, doc_md="Great Expectations over the marts; red: nothing is published.")
def gate() -> dict[str, int]:
    """Hold the marts to the release suites."""
    from pipelines.flows.gate import gate as step

    settings = Settings()
    _skip_unless_unpublished(settings)
    result = step(settings)
    return {"evaluated": result.evaluated, "failed": result.failed}


@task(
    pool=policies.WRITER_POOL,
    trigger_rule=TriggerRule.NONE_FAILED,
    outlets=[policies.PUBLISHED],
    doc_md="A new snapshot and Parquet, then one link moves.",
)
def publish() -> dict[str, str | bool]:
    """Publish the marts that passed the gate."""
    from pipelines.flows.publish import publish as step

    settings = Settings()
    _skip_unless_unpublished(settings)
    result = step(settings)
    return {"snapshot": result.snapshot, "moved": result.moved}


@task(trigger_rule=TriggerRule.NONE_FAILED, doc_md="Pages of the published snapshot; all change in one step.")
def report() -> dict[str, int]:
    """Write the pages, unless they are those of the current snapshot."""
    from pipelines.flows.report import report as step
    from pipelines.flows.run import shows_current
    from pipelines.storage.snapshots import current_name

    settings = Settings()
    home = Home(settings.home)
    if current_name(home) is None or shows_current(home):
        raise AirflowSkipException("The pages show what is published.")
    return {"pages": len(step(settings).pages) + 1}


def _skip_unless_unpublished(settings: Settings) -> None:
    from pipelines.storage.snapshots import current_name

    home = Home(settings.home)
    if not home.warehouse.exists():  # what was loaded since ``build`` looked wakes the next run
        raise AirflowSkipException("Nothing is built yet.")
    if not Ledger(home.ledger).unpublished and current_name(home) is not None:
        raise AirflowSkipException("All that is built is published.")


@dag(
    dag_id="cchc_release",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(policies.RELEASE_AT, timezone=policies.ZONE.key),
        assets=AssetAll(*policies.LOADED.values()),
    ),
    start_date=policies.START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=policies.RUN_TIMEOUT,
    default_args=policies.DEFAULT_ARGS,
    tags=["cchc", "release"],
    doc_md=_DOC,
    params={"full_refresh": Param(False, type="boolean", description="Build everything anew from the lake.")},
)
def release() -> None:
    """Build, gate, publish, report."""
    build() >> gate() >> publish() >> report()


release()
