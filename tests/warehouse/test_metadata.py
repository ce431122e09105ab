"""What is written about the tables is what they are, in the YAML, in the database and in what is published."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest

from pipelines.domain.contracts import Privacy
from pipelines.domain.indicators import Indicator
from pipelines.flows import lineage
from pipelines.flows.column_origins import streams_of_indicator
from pipelines.flows.column_units import UNITS
from pipelines.flows.data_dictionary import PAGE, Model, models, page
from pipelines.flows.indicator_catalogue import catalogue
from pipelines.flows.model_graph import nodes, streams_of
from pipelines.sources.registry import all_contracts
from pipelines.storage.snapshots import open_current
from tests.warehouse.conftest import Nights

# Promised by the product's interface; a client may rely on each.
PROMISED = (
    *("dim_agency", "dim_procedure", "dim_date", "dim_indicator"),
    *("fct_dossier", "fct_dossier_step", "fct_document", "fct_work_file", "fct_mailbox_month"),
    *("rpt_dossier_resolution", "rpt_indicator", "rpt_indicator_wide", "rpt_target_progress", "rpt_score_766"),
    *("rpt_reconciliation", "rpt_on_time_rate", "rpt_signals", "rpt_source_freshness", "rpt_quality"),
)
# Staging models that are not named after their one stream.
FED_BY = {
    "stg_idesk__documents": ("idesk__incoming", "idesk__outgoing"),
    "stg_idesk__messages": ("idesk__edxml",),
    "stg_idesk__statuses": ("idesk__edxml",),
    "stg_mail__postfix_events": ("mail__postfix",),
    "stg_mail__logins": ("mail__zimbra_audit", "mail__dovecot"),
}
DERIVED = (
    *("stg_igate__supplements", "stg_igate__fees", "stg_igate__attachments", "stg_igate__results"),
    *("stg_mail__messages", "stg_mail__postfix_messages", "stg_mail__exchange_messages", "stg_audit__findings"),
)
# Marked personal in its contract, hashed in prepare, and needed to put messages together or to match who handled
# something with staff on post; never published.
CARRIED_AS_HASH = {f"mail__{log}.message_id" for log in ("postfix", "exchange_tracking", "zimbra_mailbox")}
CARRIED_AS_HASH |= {"reference__staff.full_name"}
DESCRIBED = {m.name: m for m in models()}


def test_every_model_is_described_and_no_other() -> None:
    folder = PAGE.parents[1] / "warehouse" / "models"
    files = {path.stem for kind in ("sql", "py") for path in folder.glob(f"*/*.{kind}")}
    assert set(DESCRIBED) == files


@pytest.mark.parametrize("model", DESCRIBED.values(), ids=list(DESCRIBED))
def test_both_languages_a_grain_and_an_owner(model: Model) -> None:
    texts = [model.vi, model.en, model.grain, model.grain_vi, model.owner]
    texts += [text for c in model.columns for text in (c.vi, c.en, c.data_type)]
    assert all(text.strip() for text in texts)
    assert [c.name for c in model.columns if c.vi == c.en] == []


def test_the_yaml_tells_the_real_columns(nights: Nights) -> None:
    real: dict[str, dict[str, str]] = defaultdict(dict)
    with nights.warehouse() as connection:
        for table, column, kind in connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where schema_name in ('staging', 'intermediate', 'marts')"
        ).fetchall():
            real[table][column] = kind.lower()
    told = {m.name: {c.name: c.data_type for c in m.columns} for m in DESCRIBED.values()}
    assert told == dict(real)


def test_what_is_promised_is_published_with_its_meaning(nights: Nights) -> None:
    with open_current(nights.home) as connection:
        tables = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
        columns = connection.execute("select table_name, column_name, comment from duckdb_columns()").fetchall()
    assert set(PROMISED) <= set(tables)
    for name in PROMISED:
        assert tables[name] == f"{DESCRIBED[name].vi} — {DESCRIBED[name].en}"
    said = {(t, c): comment for t, c, comment in columns if t in PROMISED}
    expected = {(m, c.name): f"{c.vi} — {c.en}" for m in PROMISED for c in DESCRIBED[m].columns}
    assert said == expected
    assert {m for m in PROMISED if "as_of" not in {c.name for c in DESCRIBED[m].columns}} == set()


@pytest.mark.parametrize("name", [n for n in DESCRIBED if n.startswith("stg_") and n not in DERIVED])
def test_staging_carries_its_contract_or_says_why_not(name: str) -> None:
    model = DESCRIBED[name]
    fed_by = FED_BY.get(name, (name.removeprefix("stg_"),))
    contracts = [c for c in all_contracts() if c.table in fed_by]
    assert len(contracts) == len(fed_by)
    promised = {c.name for contract in contracts for c in contract.columns}
    carried = {c.name for c in model.columns}
    assert promised - carried - set(model.not_carried) - set(model.renamed) == set()
    assert set(model.not_carried) <= promised - carried
    assert set(model.renamed) <= promised
    assert set(model.renamed.values()) <= carried
    hidden = {
        column.name
        for contract in contracts
        for column in contract.columns
        if column.privacy in (Privacy.PERSONAL, Privacy.FREE_TEXT, Privacy.DROP)
        and f"{contract.table}.{column.name}" not in CARRIED_AS_HASH
    }
    assert hidden <= set(model.not_carried)


def test_every_stream_has_a_staging_model() -> None:
    fed = {table for name in DESCRIBED for table in FED_BY.get(name, (name.removeprefix("stg_"),))}
    assert {c.table for c in all_contracts()} <= fed


def test_the_data_dictionary_is_in_step() -> None:
    """``python -m pipelines.flows.data_dictionary`` renews it."""
    assert PAGE.read_text(encoding="utf-8") == page(models())


def test_no_column_of_a_mart_lacks_unit_source_or_rule() -> None:
    """Type and meanings are looked at above."""
    columns = [(m.name, c) for m in DESCRIBED.values() if m.layer == "marts" for c in m.columns]
    lacking = [f"{m}.{c.name}" for m, c in columns if not (c.unit and c.origin and c.origin.source and c.origin.rule)]
    assert lacking == []
    assert all(vi != en for vi, en in UNITS.values())


def test_what_is_called_as_exported_is_as_staging_has_it(nights: Nights) -> None:
    """Of each such column: the same value in the row of staging that the fact's row names."""
    compared = 0
    with nights.warehouse() as connection:
        for model in DESCRIBED.values():
            carried = [c.name for c in model.columns if c.origin and c.origin.rule.endswith("as exported")]
            if not carried:
                continue
            changed = " or ".join(f"mart.{name} is distinct from exported.{name}" for name in carried)
            found = connection.execute(
                f"select count(*), count(*) filter (where {changed}) from marts.{model.name} as mart "
                f"inner join staging.{model.carries} as exported "
                "on mart.batch_id = exported._batch_id and mart.row_number = exported._row_number"
            ).fetchone()
            assert found is not None
            assert found[1] == 0, f"{model.name}: {carried}"
            compared += found[0]
    assert compared > 100


def test_the_graph_is_that_of_dbt(nights: Nights) -> None:
    assert nights.dbt("compile", "--no-introspect", "--select", "dim_agency")[0]
    manifest = json.loads((nights.home.build / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    told = {}
    for key, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            parents = [parent.split(".") for parent in manifest["parent_map"][key]]
            told[node["name"]] = (
                {name for kind, *_, name in parents if kind == "model"},
                {name for kind, *_, name in parents if kind == "seed"},
                {name.removesuffix("_all") for _, _, *within, name in parents if within == ["raw"]},
            )
    ours = {
        name: (set(node.models), set(node.seeds), {stream.replace(".", "__") for stream in node.streams})
        for name, node in nodes().items()
    }
    assert ours == told


def test_streams_that_the_catalogue_tells_are_read_by_the_model() -> None:
    told = [i for i in catalogue().indicators if i.streams]
    assert told
    read = {node.name: set(streams_of(node.name)) for node in nodes().values()}
    assert [i.code for i in told if not set(i.streams) <= read["rpt_indicator"]] == []


@pytest.mark.parametrize("indicator", [i for i in catalogue().indicators if not i.not_fed], ids=lambda i: i.code)
def test_an_indicator_comes_from_streams_of_its_system(indicator: Indicator) -> None:
    sources = {stream.split(".")[0] for stream in streams_of_indicator(indicator.code)}
    own = {indicator.system} & {"igate", "idesk", "mail"}
    assert own <= sources <= own | {"reference"}


def test_the_page_of_lineage_is_in_step() -> None:
    """``python -m pipelines.flows.data_dictionary`` renews it."""
    assert lineage.PAGE.read_text(encoding="utf-8") == lineage.page()


def test_each_mart_of_the_dictionary_has_a_section() -> None:
    sections = re.findall(r"^### `(\w+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(PROMISED) <= set(sections)
    assert len(sections) == len(set(sections)) == len(DESCRIBED)
