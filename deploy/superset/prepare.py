"""Make Superset ready: its tables, roles and login, and the assets as they are in this folder.

Runs in Superset's environment, as often as one likes: what is there is brought up to date. The password comes from
the environment, so that no list of processes shows it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
_SHORTEST_PASSWORD = 12


def main() -> int:
    """All steps; 2 when the password is missing."""
    user = os.environ.get("CCHC_SUPERSET_USER") or "admin"
    password = os.environ.get("CCHC_SUPERSET_PASSWORD", "")
    if len(password) < _SHORTEST_PASSWORD:
        sys.stderr.write(f"Error: CCHC_SUPERSET_PASSWORD needs at least {_SHORTEST_PASSWORD} characters.\n")
        return 2
    from superset.app import create_app

    with create_app().app_context():
        _update_tables()
        _log_in_as(user, password)
        _import(user)
        _let_readers_read()
    return 0


def _update_tables() -> None:
    """What `superset db upgrade` and `superset init` do."""
    from flask_migrate import upgrade
    from superset import appbuilder, security_manager

    upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def _log_in_as(user: str, password: str) -> None:
    """The login exists and has this password."""
    from superset import db, security_manager

    found = security_manager.find_user(username=user)
    if found is None:
        role = security_manager.find_role("Admin")
        found = security_manager.add_user(user, "CCHC", "Admin", f"{user}@localhost", role, password=password)
    else:
        security_manager.reset_password(found.id, password)
    db.session.commit()


def _import(user: str) -> None:
    """The assets, over whatever is there."""
    from superset import security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    contents = {str(p.relative_to(ASSETS)): p.read_text(encoding="utf-8") for p in sorted(ASSETS.rglob("*.yaml"))}
    with override_user(security_manager.find_user(username=user)):
        ImportAssetsCommand(contents).run()


def _let_readers_read() -> None:
    """Whoever has Superset's role Gamma sees the dashboard and may ask its database, and changes nothing of ours."""
    from superset import db, security_manager
    from superset.models.core import Database

    readers = security_manager.find_role("Gamma")
    for database in db.session.query(Database).filter_by(database_name="cchc"):
        access = security_manager.add_permission_view_menu("database_access", database.perm)
        security_manager.add_permission_role(readers, access)
    db.session.commit()


if __name__ == "__main__":
    sys.exit(main())
