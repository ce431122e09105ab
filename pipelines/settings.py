"""Every setting in one frozen place, read from ``CCHC_…`` variables; what is not set has a default."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.domain.errors import WrongUse
from pipelines.domain.on_time import DENOMINATORS, RULES, known

_SHORTEST_KEY = 16
_PREFIX = "CCHC_"
# Of the memory limit: beside an engine stand our own libraries, what DuckDB does not count, which grows with the files
# that are read side by side, and from `validate` on dbt that waits for its command.
ENGINE_SHARE = 0.8
_SECRETS_DIR = os.environ.get(f"{_PREFIX}SECRETS_DIR")  # noqa: TID251 - this is the place where settings are read


def secret(name: str) -> str:
    """A secret by its name: the variable, or the file called like it in small letters in ``CCHC_SECRETS_DIR``.

    Raises:
        WrongUse: there is none.
    """
    value = os.environ.get(name)  # noqa: TID251 - this is the place where settings are read
    if value is None and _SECRETS_DIR:
        with suppress(OSError):
            value = (Path(_SECRETS_DIR) / name.lower()).read_text(encoding="utf-8").strip()
    if not value:
        raise WrongUse(
            f"There is no secret {name}.",
            next_step=f"Set the variable {name}, or put a file {name.lower()} into CCHC_SECRETS_DIR.",
        )
    return value


@dataclass(frozen=True)
class Described:
    """One setting for a reader: name, the variable that sets it, its value (secrets hidden), its meaning."""

    name: str
    variable: str
    value: str
    meaning: str


class EngineLimits(TypedDict):
    """What DuckDB may use in one process."""

    memory_limit: str
    threads: int


class Settings(BaseSettings):
    """Settings of one installation.

    ``home`` holds everything that runs leave behind; nothing is written outside it. Secrets come
    from the environment, from a file, or from the folder that ``CCHC_SECRETS_DIR`` names, where each
    secret is a file called like its variable in small letters (``cchc_pseudonym_key``).
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", secrets_dir=_SECRETS_DIR)

    home: Path = Field(Path("data"), description="Where everything is kept.")
    inbox: str | None = Field(None, description="Inbox to collect from; a path or an fsspec URL. Default: HOME/inbox.")
    inbox_options: SecretStr | None = Field(
        None, description="What a remote inbox needs besides its address, as JSON for fsspec (endpoint, key file)."
    )
    databases: Path | None = Field(None, description="YAML file that names databases to take exports from.")
    contracts_dir: Path | None = Field(None, description="Folder of your own contracts, as SOURCE/STREAM.yml.")
    pseudonym_key: SecretStr | None = Field(None, description="Key of the pseudonyms, at least 16 characters.")
    pseudonym_key_file: Path | None = Field(None, description="File that holds the key.")
    province_code: str = Field("H15", description="Letter code of the province (domain.md §2.1).")
    default_rule: str = Field("R_PLAIN", description="Definition of 'on time' that headline figures use.")
    default_denominator: str = Field("RESOLVED", description="What their shares are of: see rpt_on_time_rate.")
    workers: int = Field(2, ge=1, description="Files prepared side by side.")
    parsing_cache: Path | None = Field(
        None, description="Folder where homes share what dbt parsed and the charts' script. Default: in HOME/build."
    )
    memory_limit: str = Field(
        "1500MB", description="What DuckDB may use in one run or task; libraries need some 700 MB besides."
    )
    threads: int = Field(2, ge=1, description="DuckDB threads of one process.")
    settle_seconds: float = Field(1.0, ge=0, description="A file must look the same this long before it is taken.")
    keep_snapshots: int = Field(7, ge=1, description="Published snapshots kept besides one a month.")
    max_file_bytes: int = Field(20 * 2**30, description="A larger export is refused.")
    max_unpacked_bytes: int = Field(20 * 2**30, ge=1, description="All that a packed file may hold, unpacked.")
    max_archive_members: int = Field(10_000, ge=1, description="Files that one archive may hold.")
    max_unpack_ratio: float = Field(250, gt=1, description="Unpacked bytes that one packed byte may come to.")
    max_columns: int = Field(1000, ge=1, description="A table with more columns is refused.")
    max_quarantine_share: float = Field(0.5, description="A file with more of its rows at fault is refused whole.")
    min_refusal_rows: int = Field(20, ge=1, description="A file with fewer rows at fault is never refused for them.")
    min_group: int = Field(5, description="Mail figures of smaller groups are not published.")

    @field_validator("default_rule")
    @classmethod
    def _rule_is_known(cls, name: str) -> str:
        return known(name, RULES, "rule of 'on time'")

    @field_validator("default_denominator")
    @classmethod
    def _denominator_is_known(cls, name: str) -> str:
        return known(name, DENOMINATORS, "denominator")

    @property
    def engine(self) -> EngineLimits:
        """What an engine of one process may use."""
        return {"memory_limit": self.memory(ENGINE_SHARE), "threads": self.threads}

    def memory(self, share: float) -> str:
        """A part of the memory limit as DuckDB writes them: half of ``1.5GB`` is ``0.75GB``."""
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\D*)", self.memory_limit)
        return f"{float(found[1]) * share:g}{found[2]}" if found else self.memory_limit

    @cached_property
    def key(self) -> bytes:
        """The pseudonym key.

        Raises:
            WrongUse: there is no key, or it is too short.
        """
        if self.pseudonym_key is not None:
            text = self.pseudonym_key.get_secret_value()
        elif self.pseudonym_key_file is not None:
            try:
                text = self.pseudonym_key_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise WrongUse(
                    f"The pseudonym key file cannot be read: {error}.",
                    next_step="Look at CCHC_PSEUDONYM_KEY_FILE and at the rights of the file.",
                ) from error
        else:
            raise WrongUse(
                "There is no pseudonym key, so personal data could not be protected.",
                next_step="Set CCHC_PSEUDONYM_KEY_FILE to a file with a long random text "
                "(`cchc doctor --create-key FILE` writes one), or CCHC_PSEUDONYM_KEY.",
            )
        if len(text) < _SHORTEST_KEY:
            raise WrongUse(
                f"The pseudonym key is shorter than {_SHORTEST_KEY} characters.",
                next_step="`cchc doctor --create-key FILE` writes a good one.",
            )
        return text.encode()

    @property
    def options_of_inbox(self) -> dict[str, Any]:
        """What fsspec is to know of the inbox besides its address.

        Raises:
            WrongUse: it is no JSON object.
        """
        text = self.inbox_options.get_secret_value() if self.inbox_options else "{}"
        with suppress(ValueError):
            found = json.loads(text)
            if isinstance(found, dict):
                return found
        raise WrongUse(
            "CCHC_INBOX_OPTIONS is no JSON object.", next_step='Write it like {"endpoint_url": "https://…"}.'
        )

    @property
    def key_fingerprint(self) -> str:
        """A short name of the key, safe to store: it does not reveal the key."""
        return hashlib.sha256(b"cchc key fingerprint" + self.key).hexdigest()[:12]

    def described(self) -> tuple[Described, ...]:
        """Every setting with its meaning; a secret shows only whether it is set."""
        return tuple(
            Described(name, _PREFIX + name.upper(), _shown(getattr(self, name)), field.description or "")
            for name, field in type(self).model_fields.items()
        )


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set, hidden)"
    return "(not set)" if value is None else str(value)
