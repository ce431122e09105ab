"""YAML files: contracts, the catalogue of indicators, what models say of themselves, an operator's databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# libyaml, where PyYAML was built with it, reads eight times as fast: every command reads all contracts.
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a file says, as plain data; no tag of it makes an object.

    Raises:
        OSError: it cannot be read.
        yaml.YAMLError: it is no YAML.
        UnicodeDecodeError: it is no UTF-8.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - both are safe loaders
