"""The JSON schema of contracts, for editors and for checks: ``python -m pipelines.sources.schema`` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.domain.contracts import Contract

PATH = Path(__file__).with_name("contract.schema.json")


def schema_text() -> str:
    """The schema as it stands in the file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Contract.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(schema_text(), encoding="utf-8")
