"""Great Expectations' own pages about the suites and what they last said.

Kept small on purpose: one result for each stream and one for the release, the newest; Data Docs
get slow with a thousand. Results are counts and the pages are made from them alone, so no value of
a row can reach a page.
"""

from __future__ import annotations

import json
import re
import shutil
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from pipelines.domain.errors import InternalFault
from pipelines.storage.atomic import write_json
from pipelines.storage.home import Home

_RESULTS = "results"
_SITE = "site"
# Scripts, styles and pictures from other hosts (one of them counts visits): our pages call nobody.
_EXTERNAL = re.compile(
    r"<script[^>]*\ssrc=.?https?://.*?</script>|<(?:link|img)[^>]*https?://[^>]*>|url\(.?https?://[^)]*\)", re.DOTALL
)


def keep_result(home: Home, name: str, document: dict[str, Any]) -> None:
    """Keep a suite's result for the pages; it takes the place of the one before."""
    write_json(home.data_docs / _RESULTS / f"{name}.json", document)


def write_data_docs(home: Home) -> Path:
    """Write the pages anew from the kept results and give the index page (``data_docs/site/index.html``).

    The new site is built beside the old one and takes its place at the end.
    """
    home.data_docs.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".site.", dir=home.data_docs))
    try:
        _build(home.data_docs / _RESULTS, draft)
        site = home.data_docs / _SITE
        shutil.rmtree(site, ignore_errors=True)
        draft.chmod(0o755)
        draft.replace(site)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return site / "index.html"


def _build(results: Path, target: Path) -> None:
    import great_expectations as gx
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    import_module("expectations.faulty_rows")  # makes our own expectations known to the pages
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    kept = sorted(results.glob("*.json"))
    for path in kept:
        result = ExpectationSuiteValidationResultSchema().load(json.loads(path.read_text(encoding="utf-8")))
        run = RunIdentifier(run_name="latest", run_time=result.meta.get("run_id", {}).get("run_time"))
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(path.stem), run, path.stem)
        context.validation_results_store.set(key, result)
    site: Any = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "site_section_builders": {"expectations": "None"},  # a result's page tells its expectations too
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(target)},
    }
    context.add_data_docs_site("cchc", site)
    context.build_data_docs(site_names=["cchc"])
    pages = list(target.rglob("*.html"))
    if len(pages) != 1 + len(kept):  # Great Expectations prints what went wrong with a page and goes on
        raise InternalFault(f"The Data Docs have {len(pages)} pages for {len(kept)} results and an index.")
    for page in pages:
        page.write_text(_EXTERNAL.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
