"""``make browser`` on machines that have a Chromium, that can install one, and that cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _program(path: Path, script: str = "") -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _browser(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command where PATH holds what the test has put there, and Playwright may not download."""
    environment = {
        "PATH": str(folder / "bin"),
        "PLAYWRIGHT_BROWSERS_PATH": str(folder / "none"),
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
    }
    command = [sys.executable, "-m", "deploy.browser"]
    return subprocess.run(command, env=environment | more, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """One without any browser."""
    (tmp_path / "bin").mkdir()
    return tmp_path


def test_one_on_the_path_is_taken(machine: Path) -> None:
    there = _program(machine / "bin" / "google-chrome")
    assert _browser(machine).stdout == f"{there}\n"


def test_the_one_that_is_set_comes_first_and_must_be_there(machine: Path) -> None:
    _program(machine / "bin" / "chromium")
    ours = _program(machine / "ours")
    assert _browser(machine, CCHC_BROWSER=str(ours)).stdout == f"{ours}\n"
    wrong = _browser(machine, CCHC_BROWSER=str(machine / "nowhere"))
    assert wrong.returncode == 2
    assert "nowhere, which is no program." in wrong.stderr


def test_debian_is_asked_where_we_may_install(machine: Path) -> None:
    folder = machine / "bin"
    shell = f'echo "$@" >> {machine}/asked; case "$*" in *install*) printf "#!/bin/sh\\n" > {folder}/chromium;\n'
    _program(folder / "apt-get", f"{shell} /bin/chmod +x {folder}/chromium;; esac")
    _program(folder / "sudo", '[ "$1" = -n ] && shift; exec "$@"')
    (folder / "env").symlink_to("/usr/bin/env")
    (folder / "true").symlink_to("/bin/true")
    told = _browser(machine)
    assert (told.returncode, told.stdout) == (0, f"{folder / 'chromium'}\n"), told.stderr
    update, install = (machine / "asked").read_text(encoding="utf-8").splitlines()
    assert update.endswith("update")
    assert install.endswith("install --yes --no-install-recommends chromium chromium-sandbox fonts-noto-core")


def test_where_none_can_be_had_it_says_what_to_do(machine: Path) -> None:
    told = _browser(machine)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.splitlines()[-2:] == [
        "Error: There is no Chromium on this machine, and none could be installed.",
        "Next: Install one (Debian: `apt-get install chromium`), or name one in CCHC_BROWSER.",
    ]
