"""One DAG a source, made from the contracts: collect → (prepare → validate) for each file → load."""

from __future__ import annotations

from datetime import date
from typing import Any

from airflow.sdk import (
    DAG,
    Connection,
    CronTriggerTimetable,
    Param,
    TriggerRule,
    dag,
    get_current_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from dags import policies
from dags.pieces import cut, due, label, on_all, within
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts

_DOC = """
### {source}: from the inbox into the lake

Streams: {streams}.

`collect` lands new exports. `files` lists **everything** of this source that is not through yet, whichever run
landed it. Each file is prepared and validated by tasks of its own (on a first load many files share one); a file
that is refused or breaks turns its own task red and holds nothing else up. `load` brings in whatever is valid, and
tells `cchc_release`. `all_well` turns the run red when any task failed.

* Param `export_date`: only exports of that day. `airflow backfill create --dag-id cchc_{source} --from-date …
  --to-date …` does the same for each day.
* Red `collect`: the inbox. Red `prepare` or `validate`: the log names the file, the rule and the next step.
* Runbook: `docs/operations.md`.
"""
_MOST_TOLD = 5


def export_day() -> date | None:
    """The day whose exports alone are wanted: the param, or the day a backfill run stands for; else None."""
    context = get_current_context()
    if wanted := context["params"]["export_date"]:
        return date.fromisoformat(wanted)
    run = context["dag_run"]
    if run.run_type == "backfill" and run.logical_date is not None:
        return run.logical_date.astimezone(policies.ZONE).date()
    return None


def inbox() -> str | None:
    """The inbox that Airflow's connection names; None when there is no such connection."""
    try:
        kept = Connection.get(policies.INBOX_CONNECTION)
    except AirflowNotFoundException:
        return None
    if path := kept.extra_dejson.get("path"):
        return str(path)
    who = f"{kept.login or ''}:{kept.password}@" if kept.password else f"{kept.login}@" if kept.login else ""
    port = f":{kept.port}" if kept.port else ""
    return f"{kept.conn_type}://{who}{kept.host}{port}/{kept.schema or ''}"


def source_dag(source: str) -> DAG:
    """The DAG of one source of the registry."""
    streams = [contract.stream for contract in all_contracts() if contract.source == source]

    @task(doc_md="Lands new exports; a file that is still being uploaded waits for the next run.")
    def collect() -> dict[str, Any]:
        from pipelines.flows.collect import collect as step
        from pipelines.flows.run import check_key

        settings = Settings()
        check_key(settings)
        found = step(settings, inbox=inbox(), sources=[source], export_date=export_day())
        told = [f"{file}: {reason}"[:200] for file, reason in found.refused[:_MOST_TOLD]]
        return {
            "landed": len(found.landed),
            "known": found.known,
            "waiting": len(found.waiting),
            "refused": len(found.refused),
            "refusals": told,
        }

    @task(
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Lists what is not through yet, also when the inbox could not be reached.",
    )
    def files() -> list[str]:
        from pipelines.flows.run import check_key, send_back_lost_packages
        from pipelines.storage.home import Home
        from pipelines.storage.ledger import Ledger

        settings = Settings()
        check_key(settings)
        home = Home(settings.home)
        send_back_lost_packages(home, Ledger(home.ledger))
        return cut([b.batch_id for b in due(settings, source, ("landed", "prepared"), export_day())])

    @task(map_index_template="{{ label }}", doc_md="Bytes and contract to a package, personal values hashed.")
    def prepare(piece: str) -> dict[str, int]:
        from pipelines.flows.prepare import prepare as step

        settings = Settings()
        todo = within(piece, due(settings, source, ("landed",), export_day()))
        get_current_context()["label"] = label(todo)  # type: ignore[typeddict-unknown-key]
        return on_all(settings, step, todo)

    @task(
        map_index_template="{{ label }}",
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Holds packages to their contract with Great Expectations; also those whose neighbours broke.",
    )
    def validate(piece: str) -> dict[str, int]:
        from pipelines.flows.prepare import prepare as again
        from pipelines.flows.validate import validate as step

        settings = Settings()
        todo = within(piece, due(settings, source, ("prepared",), export_day()))
        get_current_context()["label"] = label(todo)  # type: ignore[typeddict-unknown-key]
        told = on_all(settings, step, todo)
        ids = {b.batch_id for b in todo}
        sent_back = [b for b in due(settings, source, ("landed",), None) if b.batch_id in ids]
        if sent_back:  # their package was made by an older contract
            on_all(settings, again, sent_back)
            on_all(settings, step, sent_back)
        return told

    @task(
        pool=policies.WRITER_POOL,
        trigger_rule=TriggerRule.ALL_DONE,
        execution_timeout=policies.LONG,
        outlets=[policies.LOADED[source]],
        doc_md="Brings every valid file of the source into the lake: one commit for each.",
    )
    def load() -> dict[str, int]:
        from pipelines.flows.load import load as step

        settings = Settings()
        return on_all(settings, step, due(settings, source, ("validated",), export_day()))

    @task(
        trigger_rule=TriggerRule.ONE_FAILED,
        retries=0,
        doc_md="Skipped when all is well; else it turns the run red, though the good files are loaded.",
    )
    def all_well() -> None:
        raise AirflowFailException("A task of this run failed; the files of the others are loaded.")

    @dag(
        dag_id=f"cchc_{source}",
        schedule=CronTriggerTimetable(policies.COLLECT_AT, timezone=policies.ZONE.key),
        start_date=policies.START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=policies.RUN_TIMEOUT,
        default_args=policies.DEFAULT_ARGS,
        tags=["cchc", "source", source],
        doc_md=_DOC.format(source=source, streams=", ".join(f"`{s}`" for s in streams)),
        params={
            "export_date": Param(
                None, type=["null", "string"], format="date", description="Only exports of this day, YYYY-MM-DD."
            )
        },
    )
    def wired() -> None:
        verdict = all_well()

        @task_group
        def take_in(piece: str) -> None:
            prepared = prepare(piece)
            prepared >> [validate(piece), verdict]

        collected, listed = collect(), files()
        taken, loaded = take_in.expand(piece=listed), load()
        collected >> listed
        taken >> loaded
        [collected, listed, taken, loaded] >> verdict

    return wired()


for _source in policies.SOURCES:
    source_dag(_source)
