"""Finds and loads the contracts beside this file, and those of the operator (``CCHC_CONTRACTS_DIR``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import WrongUse
from pipelines.domain.yaml_file import read_yaml
from pipelines.settings import Settings

_HERE = Path(__file__).parent


@cache
def all_contracts() -> tuple[Contract, ...]:
    """Every contract, ordered by source and stream; one of the operator takes the place of ours of that name.

    Raises:
        WrongUse: a contract is not valid, or there is no such folder.
    """
    own = Settings().contracts_dir
    if own is not None and not own.is_dir():
        raise WrongUse(
            f"CCHC_CONTRACTS_DIR names {own}, which is no folder.",
            next_step="Make the folder, or set CCHC_CONTRACTS_DIR to another one.",
        )
    paths = [*_HERE.glob("*/*.yml"), *(own.glob("*/*.yml") if own else ())]
    by_name = {(path.parent.name, path.stem): path for path in paths}
    return tuple(_load(by_name[name]) for name in sorted(by_name))


def contract_for(source: str, stream: str) -> Contract:
    """The contract of one stream.

    Raises:
        WrongUse: there is no such stream; the message lists those that exist.
    """
    for contract in all_contracts():
        if (contract.source, contract.stream) == (source, stream):
            return contract
    known = ", ".join(c.name for c in all_contracts())
    raise WrongUse(f"There is no stream {source}.{stream}.", next_step=f"Use one of: {known}.")


def _load(path: Path) -> Contract:
    try:
        contract = Contract.model_validate(read_yaml(path))
    except (ValidationError, yaml.YAMLError) as error:
        raise WrongUse(
            f"The contract {path.name} is not valid: {error}",
            next_step="docs/sources.md tells its keys; an editor checks it with contract.schema.json.",
        ) from error
    if (contract.source, contract.stream) != (path.parent.name, path.stem):
        raise WrongUse(
            f"The contract {path} calls itself {contract.name}.",
            next_step="Its folder and file name must be its source and stream: SOURCE/STREAM.yml.",
        )
    return contract
