"""Databases as sources: one YAML file, named by a setting, that says what to read where. It holds no secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import WrongUse
from pipelines.domain.yaml_file import read_yaml
from pipelines.sources.registry import contract_for

_SecretName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
_ONE_QUERY = re.compile(r"\s*(select|with)\b[^;]*\Z", re.IGNORECASE)


class DatabaseSource(BaseModel):
    """One table or query that feeds one stream.

    ``url`` is a SQLAlchemy URL without a password, and ``password`` the name of the secret that holds it; or
    ``url_from`` is the name of a secret that holds the whole URL. ``watermark`` is a column that only grows
    (a time of change, a number): with it only what is new is taken, and again what lies ``overlap`` before
    the newest row seen (seconds for times, days' worth of seconds for dates, else the column's own units).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stream: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    name: str = Field("", pattern=r"^[A-Za-z0-9_]*$", max_length=60)
    url: str | None = None
    url_from: _SecretName | None = None
    password: _SecretName | None = None
    table: str | None = None
    query: str | None = None
    watermark: str | None = None
    overlap: int = Field(0, ge=0)

    @field_validator("query")
    @classmethod
    def _one_select(cls, query: str | None) -> str | None:
        bare = query.strip().rstrip(";") if query else query
        if bare and not _ONE_QUERY.match(bare):
            raise ValueError("a query is one SELECT (or WITH … SELECT), without a semicolon in it")
        return bare

    @model_validator(mode="after")
    def _one_of_each(self) -> DatabaseSource:
        if bool(self.url) == bool(self.url_from):
            raise ValueError("give url or url_from")
        if bool(self.table) == bool(self.query):
            raise ValueError("give table or query")
        if self.overlap and not self.watermark:
            raise ValueError("an overlap needs a watermark")
        return self

    @property
    def contract(self) -> Contract:
        """The contract of the stream that it feeds."""
        source, _, stream = self.stream.partition(".")
        return contract_for(source, stream)

    @property
    def label(self) -> str:
        """Its own name, else the stream's: how its exports begin, and what its watermark is kept under."""
        return self.name or self.stream.partition(".")[2]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    databases: list[DatabaseSource]


def read_databases(path: Path) -> tuple[DatabaseSource, ...]:
    """The databases that a file names.

    Raises:
        WrongUse: it cannot be read, or something in it is not valid; no value of it is shown.
    """
    try:
        found = _File.model_validate(read_yaml(path)).databases
    except OSError as error:
        raise WrongUse(
            f"The file of databases {path} cannot be read: {error.strerror}.",
            next_step="Look at CCHC_DATABASES and at the rights of the file.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongUse(
            f"The file of databases {path} is no YAML ({type(error).__name__}).",
            next_step="docs/data-engineer.md shows what it looks like.",
        ) from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise WrongUse(
            f"The file of databases {path} is not valid: {told}.",
            next_step="docs/data-engineer.md shows what it looks like.",
        ) from None
    seen = set()
    for database in found:
        _check_mode(database)
        key = (database.stream, database.label)
        if key in seen:
            raise WrongUse(f"{path} names {database.label} of {database.stream} twice.", next_step="Give each a name.")
        seen.add(key)
    return tuple(found)


def _check_mode(database: DatabaseSource) -> None:
    if database.contract.full_export and database.watermark:
        raise WrongUse(
            f"{database.stream} is exported whole: with a watermark, rows that did not change would seem to be gone.",
            next_step="Take watermark and overlap out.",
        )
