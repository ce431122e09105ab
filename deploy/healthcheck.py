"""``python -m deploy.healthcheck COMPONENT``: what the containers' health checks ask. Ends with 0 or 1.

It runs every half minute, so it must not import Airflow.
"""

from __future__ import annotations

import socket
import sys
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.airflow_environment import AirflowSettings
from deploy.local_airflow import health


class _Core(BaseSettings):
    """Airflow's own setting of where its API is."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW__CORE__", extra="ignore")

    execution_api_server_url: str


def healthy(component: str) -> bool:
    """Whether a component of Airflow says so through the API, or the drop greets as an SSH server.

    Args:
        component: ``api-server``, ``scheduler``, ``dag_processor``, ``triggerer`` or ``drop``.
    """
    if component == "drop":
        return _greets()
    address = urlsplit(_Core().execution_api_server_url)
    told = health(AirflowSettings(host=address.hostname or "", port=address.port or 80))
    name = "metadatabase" if component == "api-server" else component
    return bool((told.get(name) or {}).get("status") == "healthy")


def _greets() -> bool:
    from deploy.sftp_drop import DropSettings

    try:
        with socket.create_connection(("127.0.0.1", DropSettings().port), timeout=5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1]) else 1)
