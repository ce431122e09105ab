"""The compose file: against the Compose schema, and against the rules that no schema knows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.airflow_environment import AirflowSettings, environment
from deploy.local_airflow import commands
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
OURS = (*AIRFLOW, "init", "drop")
SECRET = re.compile(r"PASSWORD|SECRET|KEY$|SQL_ALCHEMY_CONN$|INBOX$")
# Paths of files that the services make themselves.
NOT_SECRET = {"CCHC_DROP_HOST_KEY", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"}


def _checked(path: Path) -> subprocess.CompletedProcess[str]:
    """Held to the schema of the Compose specification, which the checker brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_fits_the_compose_schema(tmp_path: Path) -> None:
    assert (told := _checked(ROOT / "docker-compose.yml")).returncode == 0, told.stdout
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text("services: {x: {imagine: y}}", encoding="utf-8")
    assert _checked(wrong).returncode == 1


def test_the_services_that_the_product_promises() -> None:
    assert set(SERVICES) == {"postgres", "superset", *OURS}
    assert {name: s["profiles"] for name, s in SERVICES.items() if "profiles" in s} == {"superset": ["superset"]}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_not_root_and_can_be_asked_how_it_is(name: str) -> None:
    service = SERVICES[name]
    uid = service["user"].split(":")[0]
    assert uid.isdigit()
    assert uid != "0"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    check = service["healthcheck"]
    assert check == {"disable": True} if name == "init" else check["test"][0] == "CMD"


@pytest.mark.parametrize("name", OURS)
def test_one_image_for_all_that_is_ours(name: str) -> None:
    assert SERVICES[name]["image"] == "${CCHC_IMAGE:-cchc:local}"
    assert SERVICES[name]["build"] == {"context": ".", "dockerfile": "Dockerfile"}
    assert SERVICES[name]["read_only"] is True


def test_superset_has_an_image_of_its_own_that_ends_as_an_ordinary_user() -> None:
    service = SERVICES["superset"]
    recipe = (ROOT / service["build"]["dockerfile"]).read_text(encoding="utf-8")
    assert service["read_only"] is True
    assert re.findall(r"^USER (\S+)$", recipe, re.M) == [service["user"]]
    (of_ours,) = re.findall(r"^ARG (UV_VERSION=\S+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert f"ARG {of_ours}" in recipe
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.M)
    assert all((ROOT / path).exists() for line in copied for path in line.split())
    assert all((ROOT / path).exists() for path in re.findall(r"deploy/superset/\w+\.py", recipe))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_is_written_down_or_has_a_default(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    secret = {key: str(value) for key, value in environment.items() if SECRET.search(key)}
    for key in secret.keys() - NOT_SECRET:
        demanded = r"\$\{[A-Z_]+:-\}" if "profiles" in SERVICES[name] else r"\$\{[A-Z_]+:\?[^}]+\}"
        assert re.search(demanded, secret[key]), f"{name}: {key}"
    assert secret


def test_secrets_are_demanded_by_name_and_with_a_hint() -> None:
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?[^}]+\}", TEXT))
    assert demanded == {
        "CCHC_AIRFLOW_FERNET_KEY",
        "CCHC_AIRFLOW_JWT_SECRET",
        "CCHC_AIRFLOW_PASSWORD",
        "CCHC_AIRFLOW_SECRET_KEY",
        "CCHC_DATABASE_PASSWORD",
        "CCHC_DROP_PASSWORD",
        "CCHC_PSEUDONYM_KEY",
    }
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in sorted(demanded) if name not in runbook] == []


def test_only_who_needs_a_secret_or_the_data_gets_it() -> None:
    def holders(key: str) -> set[str]:
        return {name for name, s in SERVICES.items() if key in s.get("environment", {})}

    assert holders("CCHC_PSEUDONYM_KEY") == {"scheduler"}
    assert holders("CCHC_AIRFLOW_PASSWORD") == {"init"}
    mounted = {name for name, s in SERVICES.items() if any(str(v).startswith("home:") for v in s["volumes"])}
    assert mounted == {"scheduler", "init"}
    of_home = {
        name: v for name, s in SERVICES.items() for v in s["volumes"] if "home" in str(v) and isinstance(v, dict)
    }
    assert set(of_home) == {"superset"}
    assert of_home["superset"]["read_only"] is True
    assert of_home["superset"]["volume"] == {"subpath": "published"}


@pytest.mark.parametrize("name", AIRFLOW)
def test_it_runs_what_is_run_natively_in_the_scheduler_test(name: str) -> None:
    native = commands(AirflowSettings(host="0.0.0.0", port=8080))[name]
    assert SERVICES[name]["command"] == ["python", *native[1:]]


def test_it_sets_what_a_native_airflow_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [k for k in os.environ if k.startswith("AIRFLOW_")]:  # what other tests of this process have left
        monkeypatch.delenv(key)
    airflow = AirflowSettings(database="postgresql+psycopg2://localhost/airflow")
    native = environment(Settings(home=tmp_path), airflow)
    wanted = {key for key in native if key.startswith("AIRFLOW_")}
    for name in (*AIRFLOW, "init"):
        assert {key for key in SERVICES[name]["environment"] if key.startswith("AIRFLOW_")} == wanted, name
    literal = ("EXECUTOR", "LOAD_EXAMPLES", "DAGS_ARE_PAUSED_AT_CREATION", "SIMPLE_AUTH_MANAGER_USERS")
    for key in (f"AIRFLOW__CORE__{name}" for name in literal):
        assert SERVICES["scheduler"]["environment"][key] == native[key]


def test_the_database_is_ready_and_set_up_before_anything_starts() -> None:
    assert SERVICES["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in AIRFLOW:
        assert SERVICES[name]["depends_on"] == {"init": {"condition": "service_completed_successfully"}}


def test_ports_are_open_to_this_machine_only_unless_somebody_says_so() -> None:
    ports = [str(p) for s in SERVICES.values() for p in s.get("ports", [])]
    assert len(ports) == 3
    assert all(p.startswith(("127.0.0.1:", "${CCHC_DROP_ADDRESS:-127.0.0.1}:")) for p in ports)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inside"]
