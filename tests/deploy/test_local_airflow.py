"""The parts of ``make airflow``; ``tests/dags/test_scheduler.py`` runs the whole."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.airflow_environment import AirflowSettings, environment
from deploy.local_airflow import serve, with_key
from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_a_taken_port_is_named_before_anything_starts(make_settings: Callable[..., Settings]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse, match=f"Port {port} of 127.0.0.1"):
            serve(make_settings(), AirflowSettings(port=port))


def test_a_key_is_made_once_and_only_when_none_is_set(tmp_path: Path, make_settings: Callable[..., Settings]) -> None:
    set_already = make_settings()
    assert with_key(set_already) is set_already
    bare = Settings(home=tmp_path / "bare")
    first = with_key(bare).key
    assert with_key(bare).key == first
    assert len(first) >= 32


def test_secrets_stay_the_same_over_restarts_and_one_setting_changes_the_database(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_AIRFLOW_PASSWORD", "for the setup alone")
    settings = make_settings()
    first = environment(settings, AirflowSettings())
    monkeypatch.setenv("CCHC_AIRFLOW_DATABASE", "postgresql+psycopg2://somewhere/airflow")
    second = environment(settings, AirflowSettings())
    for name in ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__CORE__FERNET_KEY"):
        assert first[name] == second[name]
        assert len(first[name]) >= 43
    assert first["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith(f"sqlite:////{str(settings.home)[1:]}/airflow/")
    assert second["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://somewhere/airflow"
    assert "CCHC_AIRFLOW_PASSWORD" not in first


SHOWN = """
import json
from airflow.models.connection import Connection
from airflow.models.pool import Pool
from airflow.utils.session import create_session
with create_session() as session:
    pools = {p.pool: p.slots for p in session.query(Pool)}
    kept = [(c.conn_id, c.conn_type, c.host, c.login, c.password, c.extra_dejson) for c in session.query(Connection)]
print(json.dumps([pools, kept]))
"""


def test_the_init_job_can_be_repeated_and_takes_over_what_is_set(tmp_path: Path) -> None:
    from deploy.local_airflow import set_up

    settings = Settings(home=tmp_path / "home")
    values = environment(settings, AirflowSettings())

    def shown() -> list[object]:
        ended = subprocess.run([sys.executable, "-c", SHOWN], env=values, capture_output=True, text=True, check=True)
        return list(json.loads(ended.stdout.splitlines()[-1]))

    set_up(values, AirflowSettings())
    login = (tmp_path / "home" / "airflow" / "login.json").read_text(encoding="utf-8")
    pools, kept = shown()
    assert pools == {"default_pool": 128, "cchc_writer": 1}
    assert kept == [["cchc_inbox", "fs", None, None, None, {"path": str(tmp_path / "home" / "inbox")}]]
    values["CCHC_INBOX"] = "sftp://drop:longenough@drop:2222/"
    set_up(values, AirflowSettings(password="another one"))
    assert shown()[1] == [["cchc_inbox", "sftp", "drop", "drop", "longenough", {}]]
    again = json.loads((tmp_path / "home" / "airflow" / "login.json").read_text(encoding="utf-8"))
    assert again == {"admin": "another one"} != json.loads(login)
    database = (tmp_path / "home" / "airflow" / "airflow.db").read_bytes()
    assert b"longenough" not in database, "a password lies encrypted in the database"
    assert (tmp_path / "home" / "airflow" / "login.json").stat().st_mode & 0o777 == 0o600
