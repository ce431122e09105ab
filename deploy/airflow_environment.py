"""What the processes of one Airflow share: their home, database, secrets and addresses, as variables."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.settings import Settings
from pipelines.storage.home import Home

ROOT = Path(__file__).resolve().parents[1]
_FERNET_BYTES = 32


class AirflowSettings(BaseSettings):
    """Settings of a local Airflow, read from ``CCHC_AIRFLOW_…``."""

    model_config = SettingsConfigDict(env_prefix="CCHC_AIRFLOW_", frozen=True, extra="ignore")

    database: SecretStr | None = Field(None, description="postgresql+psycopg2://…; SQLite in the home when not set.")
    host: str = Field("127.0.0.1", description="Where the pages and the API listen.")
    port: int = Field(8080, ge=1, le=65535)
    user: str = Field("admin", pattern=r"^[A-Za-z0-9_.-]+$", description="Name of the login.")
    password: SecretStr | None = Field(None, description="Password of the login; made up once when not set.")
    parallelism: int = Field(2, ge=1, description="Tasks at a time; each may use CCHC_MEMORY_LIMIT.")


def environment(settings: Settings, airflow: AirflowSettings) -> dict[str, str]:
    """The variables of every process of a local Airflow; makes its secrets the first time.

    Args:
        settings: the installation; Airflow lives in its ``airflow/``.
        airflow: where it listens and what it keeps its records in.
    """
    root = settings.home.resolve()
    home = Home(root).airflow
    home.mkdir(parents=True, exist_ok=True)
    address = f"http://{airflow.host}:{airflow.port}"
    values = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": str(airflow.parallelism),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "login.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{airflow.user}:admin",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "CCHC_HOME": str(root),
        "PYTHONPATH": str(ROOT),
    }
    if airflow.database is not None:
        values["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = airflow.database.get_secret_value()
        # Only the API's "wait for a run" and async tasks want an async driver; we have neither.
        values["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = ""
    inherited = {k: v for k, v in os.environ.items() if k != "CCHC_AIRFLOW_PASSWORD"}  # noqa: TID251 - to pass on
    return inherited | values | _secrets(home / "secrets.json")


def private_file(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(path)


def _secrets(path: Path) -> dict[str, str]:
    """What the processes sign and encrypt with: made once, so that a restart understands what was stored."""
    if not path.exists():
        import base64

        made = {
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(_FERNET_BYTES)).decode(),
        }
        private_file(path, json.dumps(made, indent=1))
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
