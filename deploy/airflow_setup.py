"""Makes an Airflow ready: its tables, the writer's pool, the inbox connection, the login. Repeat at will.

``python -m deploy.airflow_setup`` is the init job of the compose file; ``make airflow`` runs it too.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

from deploy.airflow_environment import AirflowSettings, private_file
from pipelines.settings import Settings
from pipelines.storage.home import Home


def main() -> None:
    """Do all of it; what is there already stays."""
    settings = Settings()
    Home(settings.home).create()
    _tables()
    _pool()
    _inbox(settings)
    _login(AirflowSettings())
    sys.stdout.write("Airflow is set up: tables, pool, inbox connection, login.\n")


def _tables() -> None:
    from airflow.utils import db

    db.initdb()


def _pool() -> None:
    from airflow.models.pool import Pool

    from dags.policies import WRITER_POOL, WRITER_SLOTS

    Pool.create_or_update_pool(
        WRITER_POOL, WRITER_SLOTS, "One at a time: load, build and publish write to the same home.", False
    )


def _inbox(settings: Settings) -> None:
    """CCHC_INBOX counts when it is set; else what somebody entered in Airflow stays."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from dags.policies import INBOX_CONNECTION

    place = settings.inbox or str(Home(settings.home.resolve()).inbox)
    with create_session() as session:
        known = session.scalar(select(Connection).where(Connection.conn_id == INBOX_CONNECTION))
        if known is not None and settings.inbox is None:
            return
        if known is not None:
            session.delete(known)
            session.flush()
        if urlsplit(place).netloc:
            session.add(Connection(conn_id=INBOX_CONNECTION, uri=place, description="Where exports are dropped."))
            return
        path = json.dumps({"path": place})
        session.add(
            Connection(conn_id=INBOX_CONNECTION, conn_type="fs", extra=path, description="Where exports are dropped.")
        )


def _login(airflow: AirflowSettings) -> None:
    """The password file of Airflow's simple login, for its owner's eyes only."""
    from airflow.configuration import conf

    path = Path(conf.get_mandatory_value("core", "simple_auth_manager_passwords_file"))
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if airflow.password is not None:
        known[airflow.user] = airflow.password.get_secret_value()
    elif airflow.user not in known:
        known[airflow.user] = secrets.token_urlsafe(12)
    private_file(path, json.dumps(known) + "\n")


if __name__ == "__main__":
    main()
