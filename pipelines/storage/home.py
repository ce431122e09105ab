"""Paths under ``CCHC_HOME``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folders of one installation. Properties never create anything; ``create`` does.

    ``root`` is made absolute: other programs (dbt) work with these paths from folders of their own.
    """

    root: Path

    def __post_init__(self) -> None:
        """Whatever folder the process is in later."""
        object.__setattr__(self, "root", self.root.absolute())

    @property
    def inbox(self) -> Path:
        """``inbox/<source>/<stream>/``: where exports are dropped."""
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        """``landing/<source>/<stream>/<batch_id>/``: immutable bytes and their manifest."""
        return self.root / "landing"

    @property
    def packages(self) -> Path:
        """``build/packages/<source>/<stream>/<batch_id>/``: prepared, not yet loaded; disposable."""
        return self.root / "build" / "packages"

    @property
    def lake(self) -> Path:
        """``lake/<source>/<stream>/<batch_id>.parquet``: the rows that passed, as text."""
        return self.root / "lake"

    @property
    def quarantine(self) -> Path:
        """``lake/_quarantine/<source>/<stream>/<batch_id>.parquet``: the rows held back."""
        return self.lake / "_quarantine"

    @property
    def findings(self) -> Path:
        """``lake/_findings/<source>/<stream>/<batch_id>.parquet``: one row per row and rule broken."""
        return self.lake / "_findings"

    @property
    def ledger(self) -> Path:
        """The audit tables: which batch is where."""
        return self.lake / "ledger.sqlite"

    @property
    def build(self) -> Path:
        """Private and disposable."""
        return self.root / "build"

    @property
    def warehouse(self) -> Path:
        """The private build database of dbt."""
        return self.build / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Snapshots, ``current.duckdb``, ``current.json`` and ``parquet/``."""
        return self.root / "published"

    @property
    def site(self) -> Path:
        """Pages for people: a link to the pages of the current snapshot."""
        return self.root / "site"

    @property
    def sites(self) -> Path:
        """``published/sites/<snapshot>/``: the pages that belong to each snapshot."""
        return self.published / "sites"

    @property
    def data_docs(self) -> Path:
        """Great Expectations Data Docs."""
        return self.root / "build" / "data_docs"

    @property
    def airflow(self) -> Path:
        """Airflow's own home."""
        return self.root / "airflow"

    @property
    def superset(self) -> Path:
        """Superset's own records."""
        return self.root / "superset"

    def landing_of(self, source: str, stream: str, batch_id: str) -> Path:
        """Folder of one landed file."""
        return self.landing / source / stream / batch_id

    def package_of(self, source: str, stream: str, batch_id: str) -> Path:
        """Folder of one package."""
        return self.packages / source / stream / batch_id

    def create(self) -> None:
        """Make the folders that a run needs."""
        for path in (self.inbox, self.landing, self.packages, self.lake, self.published):
            path.mkdir(parents=True, exist_ok=True)
